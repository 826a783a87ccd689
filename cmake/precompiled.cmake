# The standard library and fmt are parsed once, not by every file. OFF proves that each file includes what it uses.
option(KPMSIM_PCH "Precompile the headers of cmake/precompiled.hpp" ON)

if(KPMSIM_PCH)
    # Of precompiled headers g++ 12 sees more overruns in std::string that are none (GCC bugs 105329, 105651).
    # Builds without them keep these warnings.
    target_compile_options(kpmsim_build INTERFACE
        $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>)
    file(WRITE ${PROJECT_BINARY_DIR}/generated/precompiled.cpp "")
    add_library(kpmsim_precompiled OBJECT ${PROJECT_BINARY_DIR}/generated/precompiled.cpp)
    target_link_libraries(kpmsim_precompiled PRIVATE kpmsim_build fmt::fmt)
    target_precompile_headers(kpmsim_precompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)
endif()

# One set of headers for all targets; they differ from it in macros that those headers do not know.
function(kpmsim_precompile target)
    if(KPMSIM_PCH)
        target_precompile_headers(${target} REUSE_FROM kpmsim_precompiled)
    endif()
endfunction()
