# kpmsim_embed(room function folder pattern): the files below `folder` become text in the room's library. The room
# declares `std::span<const EmbeddedFile> function();` in function.hpp; names are paths below `folder`. They are compiled
# again when one of them changes.
function(kpmsim_embed room function folder pattern)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/${folder}
         ${PROJECT_SOURCE_DIR}/${folder}/${pattern})
    set(output ${PROJECT_BINARY_DIR}/generated/${function}.cpp)
    list(TRANSFORM files PREPEND ${PROJECT_SOURCE_DIR}/${folder}/ OUTPUT_VARIABLE paths)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR}/${folder} "-DFILES=${files}" -DROOM=${room}
                -DFUNCTION=${function} -DOUTPUT=${output} -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
        DEPENDS ${paths} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
        COMMENT "Embedding ${folder}/${pattern}" VERBATIM)
    string(REPLACE "/" "_" target ${room})
    target_sources(kpmsim_${target} PRIVATE ${output})
    set_source_files_properties(${output} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
