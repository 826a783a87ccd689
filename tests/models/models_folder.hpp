#pragma once

#include "fixture.hpp"

#include "files/mistake.hpp"
#include "models/type/builtin_files.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace kpmsim::test {

/// A --models folder that holds copies of built-in files, changed by a test, and is gone after it.
class ModelsFolder {
public:
    ModelsFolder() {
        std::string path = (std::filesystem::temp_directory_path() / "kpmsim-models-XXXXXX");
        REQUIRE(mkdtemp(path.data()) != nullptr);
        path_ = path;
    }
    ~ModelsFolder() { std::filesystem::remove_all(path_); }
    ModelsFolder(const ModelsFolder&) = delete;
    ModelsFolder& operator=(const ModelsFolder&) = delete;

    std::string path() const { return path_; }

    void write(const std::string& file, const std::string& text) const {
        const std::filesystem::path to = std::filesystem::path{path_} / file;
        std::filesystem::create_directories(to.parent_path());
        std::ofstream{to} << text;
    }
    void copy(const std::string& model, const std::string& as) const {
        for (const EmbeddedFile& file : builtin_files())
            if (file.name.starts_with(model + "/"))
                write(as + std::string{file.name.substr(model.size())}, std::string{file.text});
    }
    /// Copies one file with a text in it replaced (it must be there).
    void change(const std::string& file, const std::string& from, const std::string& to,
                const std::string& as) const {
        for (const EmbeddedFile& each : builtin_files())
            if (each.name == file) {
                std::string text{each.text};
                const auto at = text.find(from);
                REQUIRE_MESSAGE(at != std::string::npos, from);
                write(as, text.replace(at, from.size(), to));
            }
    }
    std::string mistakes() const {
        try {
            TypeLibrary::with_folder(path_);
        } catch (const FileError& error) {
            std::string all;
            for (const Mistake& each : error.mistakes())
                all += to_text(each) + "\n";
            return all;
        }
        return "";
    }

private:
    std::string path_;
};

} // namespace kpmsim::test
