find_package(Eigen3 3.4 REQUIRED)
find_package(TBB REQUIRED)
find_package(hwy REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)

# A private copy of OpenBLAS, linked statically and set to one thread: the caller's BLAS (NumPy's) is never touched. The
# serial flavour is no alternative: it is not safe to call from several threads (docs/decisions/0002).
find_library(OPENBLAS_LIBRARY NAMES libopenblas.a PATH_SUFFIXES openblas-pthread REQUIRED)
find_path(OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread openblas-pthread REQUIRED)
add_library(riata_blas INTERFACE)
target_include_directories(riata_blas SYSTEM INTERFACE ${OPENBLAS_INCLUDE})
target_link_libraries(riata_blas INTERFACE ${OPENBLAS_LIBRARY} gfortran Threads::Threads)
