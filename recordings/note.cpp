#include "recordings/note.hpp"

namespace kpmsim {

void note(std::vector<Mistake>& mistakes, const std::string& file, int line, std::string what,
          std::string cure) {
    Mistake& mistake = mistakes.emplace_back();
    mistake.place.file = file;
    mistake.place.line = line;
    mistake.what = std::move(what);
    mistake.cure = std::move(cure);
}

} // namespace kpmsim
