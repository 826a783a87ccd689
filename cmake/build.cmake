# What every target of ours is compiled with.
add_library(kpmsim_build INTERFACE)
target_compile_features(kpmsim_build INTERFACE cxx_std_20)
target_compile_options(kpmsim_build INTERFACE
    -Wall -Wextra -Wconversion -Wshadow
    $<$<CXX_COMPILER_ID:Clang>:-Wreserved-identifier>
    # g++ 12 sees overlaps in std::string's operator+ that are none (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    # The same seed gives the same bytes on every machine: no fused multiply-add behind our back.
    -ffp-contract=off
    # Nobody looks at errno or at floating-point traps, and products of complex numbers are of finite
    # ones: each is said so that loops may become vectors, and changes no value.
    -fno-math-errno -fno-trapping-math $<$<CXX_COMPILER_ID:GNU>:-fcx-limited-range>)
set(CMAKE_CXX_EXTENSIONS OFF)

set(KPMSIM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(KPMSIM_SANITIZE)
    target_compile_options(kpmsim_build INTERFACE -fsanitize=${KPMSIM_SANITIZE} -fno-omit-frame-pointer
                           -fno-sanitize-recover=all)
    target_link_options(kpmsim_build INTERFACE -fsanitize=${KPMSIM_SANITIZE})
    # The vptr check looks at memory through a pipe, and finds faults where no descriptor is left for one:
    # in the tests of just that.
    if(KPMSIM_SANITIZE MATCHES "undefined")
        target_compile_options(kpmsim_build INTERFACE -fno-sanitize=vptr)
    endif()
    # Asio's fences are no news to g++'s thread sanitizer; every one would be an error. Nor does it see any more that
    # an optional is looked at only where it holds something.
    if(KPMSIM_SANITIZE STREQUAL "thread")
        target_compile_options(kpmsim_build INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan;-Wno-maybe-uninitialized>)
    endif()
endif()
