# kpmsim_embed(room pattern): the files become text in the room's library, found by name through
# models/builtin_files.hpp. They are compiled again when one of them changes.
function(kpmsim_embed room pattern)
    file(GLOB files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${pattern})
    set(output ${PROJECT_BINARY_DIR}/generated/builtin_files.cpp)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} "-DFILES=${files}" -DOUTPUT=${output}
                -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
        DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        COMMENT "Embedding the built-in meters" VERBATIM)
    target_sources(kpmsim_${room} PRIVATE ${output})
endfunction()
