# Run by kpmsim_embed: writes OUTPUT, a table of FILES (paths below ROOT) and their text.
set(rows "")
foreach(file IN LISTS FILES)
    file(READ ${ROOT}/${file} text)
    string(REPLACE "models/" "" name ${file})
    string(APPEND rows "    {\"${name}\", R\"kpmsim_text(${text})kpmsim_text\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"models/builtin_files.hpp\"\n
namespace kpmsim {
namespace {
constexpr BuiltinFile files[] = {
${rows}};
}
std::span<const BuiltinFile> builtin_files() { return files; }
}\n")
