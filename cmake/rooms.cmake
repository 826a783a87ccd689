# A room is a folder, and a folder is a library.

# Every .cpp of a folder belongs to the target; a new file needs no list.
function(kpmsim_sources target folder)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
    target_sources(${target} PRIVATE ${sources})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# Code that runs once a file, a verb or a report, and not once a sample, a window or a request: it is not worth the time
# that -O3 takes to compile. Patterns are relative to the project.
set(KPMSIM_RUNS_ONCE $<$<CONFIG:Release>:-Og>)
function(kpmsim_runs_once)
    foreach(pattern IN LISTS ARGN)
        file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${pattern})
        set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS ${KPMSIM_RUNS_ONCE})
    endforeach()
endfunction()

function(kpmsim_room name)
    cmake_parse_arguments(arg "" "" "USES;PRIVATE" ${ARGN})
    add_library(kpmsim_${name} STATIC)
    add_library(kpmsim::${name} ALIAS kpmsim_${name})
    kpmsim_sources(kpmsim_${name} ${name})
    list(TRANSFORM arg_USES PREPEND kpmsim::)
    target_link_libraries(kpmsim_${name} PUBLIC ${arg_USES} PRIVATE kpmsim_build fmt::fmt ${arg_PRIVATE})
    kpmsim_precompile(kpmsim_${name})
endfunction()
