# What is installed: a shared library that shows riata's names alone and keeps its own OpenBLAS, Eigen and fmt to itself
# (docs/decisions/0060), the public headers, the CMake package. A consumer needs none of the libraries inside.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(riata_shared SHARED)
target_link_libraries(riata_shared PRIVATE riata_objects ${private_libraries})
set(names ${CMAKE_SOURCE_DIR}/cmake/exported.map)
target_link_options(riata_shared PRIVATE -Wl,--version-script=${names} -Wl,-Bsymbolic -Wl,--exclude-libs,ALL)
set_target_properties(riata_shared PROPERTIES
  OUTPUT_NAME riata EXPORT_NAME riata LINK_DEPENDS ${names}
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(riata_shared INTERFACE cxx_std_20)
target_include_directories(riata_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# Public is what riata/riata.hpp reaches, by its own includes and theirs.
function(collect_headers header found)
  set(known ${${found}})
  if(NOT header IN_LIST known)
    list(APPEND known ${header})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${header})
    file(STRINGS ${CMAKE_SOURCE_DIR}/src/${header} lines REGEX "^#include \"riata/")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included "${line}")
      collect_headers(${included} known)
    endforeach()
  endif()
  set(${found} ${known} PARENT_SCOPE)
endfunction()

set(public_headers)
collect_headers(riata/riata.hpp public_headers)
foreach(header IN LISTS public_headers)
  cmake_path(GET header PARENT_PATH folder)
  install(FILES ${CMAKE_SOURCE_DIR}/src/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder} COMPONENT library)
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/riata)
install(TARGETS riata_shared EXPORT riata COMPONENT library)
install(EXPORT riata NAMESPACE riata:: FILE riataConfig.cmake DESTINATION ${package_folder} COMPONENT library)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/riataConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/riataConfigVersion.cmake DESTINATION ${package_folder} COMPONENT library)
