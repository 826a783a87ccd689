# A room is a folder, and a folder is a library; models/type is kpmsim::models_type.

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
    string(REPLACE "/" "_" target ${name})
    add_library(kpmsim_${target} STATIC)
    add_library(kpmsim::${target} ALIAS kpmsim_${target})
    kpmsim_sources(kpmsim_${target} ${name})
    list(TRANSFORM arg_USES REPLACE "/" "_")
    list(TRANSFORM arg_USES PREPEND kpmsim::)
    target_link_libraries(kpmsim_${target} PUBLIC ${arg_USES} PRIVATE kpmsim_build fmt::fmt ${arg_PRIVATE})
    kpmsim_precompile(kpmsim_${target})
endfunction()
