# The Python environment that holds what scripts/requirements.txt names; in a build of the Python package the one that pip made
# for it.
set(RIATA_VENV ${CMAKE_SOURCE_DIR}/build/venv CACHE PATH "Python environment with what scripts/requirements.txt names")
if(SKBUILD)
  set(RIATA_VENV_PYTHON ${Python_EXECUTABLE})
else()
  set(RIATA_VENV_PYTHON ${RIATA_VENV}/bin/python)
endif()

# The folder of a package of that environment; empty without it.
function(find_python_package name result)
  execute_process(
    COMMAND ${RIATA_VENV_PYTHON} -c "from importlib.util import find_spec; print(find_spec('${name}').submodule_search_locations[0])"
    OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()
