# Arrow C++ as target riata_arrow, for src/riata/io alone: an installed Arrow, else the one inside the PyPI package pyarrow
# (headers, libarrow.so.NN00, libparquet.so.NN00) in the Python environment RIATA_VENV. The wheel has no plain libarrow.so,
# so the libraries are linked by full name; the major version is pinned because its ABI changes with it.
set(RIATA_ARROW_MAJOR 26)
set(RIATA_VENV ${CMAKE_SOURCE_DIR}/build/venv CACHE PATH "Python environment whose pyarrow holds Arrow C++")

add_library(riata_arrow INTERFACE)
find_package(Arrow ${RIATA_ARROW_MAJOR} QUIET)
find_package(Parquet ${RIATA_ARROW_MAJOR} QUIET)
if(Arrow_FOUND AND Parquet_FOUND)
  message(STATUS "Arrow ${Arrow_VERSION}: installed")
  target_link_libraries(riata_arrow INTERFACE Arrow::arrow_shared Parquet::parquet_shared)
  return()
endif()

file(GLOB found ${RIATA_VENV}/lib/python3*/site-packages/pyarrow)
list(LENGTH found count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "no Arrow C++ ${RIATA_ARROW_MAJOR}: neither installed nor as pyarrow in ${RIATA_VENV}; run `make setup`, "
                      "or give -DRIATA_VENV=<environment with pyarrow ${RIATA_ARROW_MAJOR}>, or -DRIATA_BUILD_CLI=OFF")
endif()
set(libraries)
foreach(name arrow parquet)
  set(library ${found}/lib${name}.so.${RIATA_ARROW_MAJOR}00)
  if(NOT EXISTS ${library})
    file(GLOB others ${found}/lib${name}.so.*)
    message(FATAL_ERROR "Arrow C++ ${RIATA_ARROW_MAJOR} is needed, but this pyarrow holds: ${others}")
  endif()
  list(APPEND libraries ${library})
endforeach()
message(STATUS "Arrow ${RIATA_ARROW_MAJOR}: ${found}")
target_include_directories(riata_arrow SYSTEM INTERFACE ${found}/include)
target_link_libraries(riata_arrow INTERFACE ${libraries})
target_link_options(riata_arrow INTERFACE -Wl,-rpath,${found})
