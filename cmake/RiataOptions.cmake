# One place for how everything is compiled. The warnings are the project's; they never reach a consumer.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

set(RIATA_SANITIZED OFF)
if("${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}" MATCHES "-fsanitize=([a-z]+)")
  set(RIATA_SANITIZED ${CMAKE_MATCH_1})  # address or thread
endif()

add_library(riata_options INTERFACE)
# -ffp-contract=off: the same bytes from every compiler and optimisation level; fused operations are written where wanted.
# -fno-semantic-interposition: position-independent code that may still inline its own functions (docs/decisions/0060).
target_compile_options(riata_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wno-sign-conversion -ffp-contract=off
                                               -fno-semantic-interposition)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False for std::string's operator+ (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105651).
  target_compile_options(riata_options INTERFACE -Wno-restrict)
endif()
