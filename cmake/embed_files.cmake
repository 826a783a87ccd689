# Run by kpmsim_embed: writes OUTPUT, a table of FILES (paths below ROOT) and their text.
set(rows "")
foreach(file IN LISTS FILES)
    file(READ ${ROOT}/${file} text)
    string(APPEND rows "    {\"${file}\", R\"kpmsim_text(${text})kpmsim_text\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"${ROOM}/${FUNCTION}.hpp\"\n
namespace kpmsim {
namespace {
constexpr EmbeddedFile files[] = {
${rows}};
}
std::span<const EmbeddedFile> ${FUNCTION}() { return files; }
}\n")
