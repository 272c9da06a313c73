# What every report page has (style sheet, script with the Vega runtime) as a C++ source: ${RIATA_PAGE_SOURCE}. The runtime comes
# from PyPI's vl-convert-python.
include(RiataVenv)
find_python_package(vl_convert found)
if(NOT found)
  message(FATAL_ERROR "no vl-convert-python beside ${RIATA_VENV_PYTHON}; run `make setup`, or give -DRIATA_VENV=<environment that has it>")
endif()
set(folder ${CMAKE_SOURCE_DIR}/src/riata/report/page)
set(RIATA_PAGE_SOURCE ${CMAKE_BINARY_DIR}/page/page_assets.cpp)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/page)
add_custom_command(
  OUTPUT ${RIATA_PAGE_SOURCE}
  COMMAND ${RIATA_VENV_PYTHON} ${folder}/embed.py ${RIATA_PAGE_SOURCE}
  DEPENDS ${folder}/embed.py ${folder}/page.js ${folder}/page.css ${CMAKE_SOURCE_DIR}/scripts/requirements.txt
  COMMENT "Vega runtime and page script" VERBATIM)
