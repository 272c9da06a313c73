# What every report page has (style sheet, script with the Vega runtime) as a C++ source: ${RIATA_PAGE_SOURCE}. The runtime comes
# from PyPI's vl-convert-python in the Python environment RIATA_VENV.
set(RIATA_VENV ${CMAKE_SOURCE_DIR}/build/venv CACHE PATH "Python environment with what scripts/requirements.txt names")
set(python ${RIATA_VENV}/bin/python)
file(GLOB found ${RIATA_VENV}/lib/python3*/site-packages/vl_convert)
if(NOT found)
  message(FATAL_ERROR "no vl-convert-python in ${RIATA_VENV}; run `make setup`, or give -DRIATA_VENV=<environment that has it>")
endif()
set(folder ${CMAKE_SOURCE_DIR}/src/riata/report/page)
set(RIATA_PAGE_SOURCE ${CMAKE_BINARY_DIR}/page/page_assets.cpp)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/page)
add_custom_command(
  OUTPUT ${RIATA_PAGE_SOURCE}
  COMMAND ${python} ${folder}/embed.py ${RIATA_PAGE_SOURCE}
  DEPENDS ${folder}/embed.py ${folder}/page.js ${folder}/page.css ${CMAKE_SOURCE_DIR}/scripts/requirements.txt
  COMMENT "Vega runtime and page script" VERBATIM)
