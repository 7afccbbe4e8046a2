# SPDX-License-Identifier: Apache-2.0
#
# find_package(Granary): systems as targets of CMake. What is compiled, and how, is the business of `granary build`,
# which is called each time and does what is out of date.
#
#   granary_add_system(demo MANIFEST system.toml [TESTS tests.toml] [SOURCES a.cpp ...])
#     demo: built by default.  demo_run, demo_test, demo_check, demo_sdcard: by name
#   granary_add_silo(window SYSTEM demo)
#     demo_window: only the program of that silo

if(NOT GRANARY_EXECUTABLE)
  find_program(GRANARY_EXECUTABLE granary HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin")
endif()
if(NOT GRANARY_EXECUTABLE)
  set(Granary_FOUND FALSE)
  set(Granary_NOT_FOUND_MESSAGE "there is no program granary in ../../../bin, nor in the PATH")
  return()
endif()
execute_process(COMMAND "${GRANARY_EXECUTABLE}" --version OUTPUT_VARIABLE Granary_VERSION OUTPUT_STRIP_TRAILING_WHITESPACE)

function(granary_add_system name)
  cmake_parse_arguments(system "" "MANIFEST;TESTS" "SOURCES" ${ARGN})
  if(NOT system_MANIFEST)
    set(system_MANIFEST system.toml)
  endif()
  if(NOT system_TESTS)
    set(system_TESTS tests.toml)
  endif()
  get_filename_component(manifest "${system_MANIFEST}" ABSOLUTE)
  get_filename_component(tests "${system_TESTS}" ABSOLUTE)
  add_custom_target(${name} ALL COMMAND "${GRANARY_EXECUTABLE}" build "${manifest}" SOURCES "${manifest}" ${system_SOURCES}
    COMMENT "Building the system ${name}" VERBATIM)
  set_target_properties(${name} PROPERTIES GRANARY_MANIFEST "${manifest}")
  add_custom_target(${name}_run COMMAND "${GRANARY_EXECUTABLE}" run "${manifest}" USES_TERMINAL VERBATIM)
  add_custom_target(${name}_check COMMAND "${GRANARY_EXECUTABLE}" check "${manifest}" VERBATIM)
  add_custom_target(${name}_sdcard COMMAND "${GRANARY_EXECUTABLE}" sdcard "${manifest}" USES_TERMINAL VERBATIM)
  if(EXISTS "${tests}")
    add_custom_target(${name}_test COMMAND "${GRANARY_EXECUTABLE}" test "${tests}" USES_TERMINAL VERBATIM)
  endif()
endfunction()

function(granary_add_silo name)
  cmake_parse_arguments(silo "" "SYSTEM" "" ${ARGN})
  if(NOT TARGET "${silo_SYSTEM}")
    message(FATAL_ERROR "granary_add_silo(${name}): SYSTEM names no target of granary_add_system")
  endif()
  get_target_property(manifest ${silo_SYSTEM} GRANARY_MANIFEST)
  add_custom_target(${silo_SYSTEM}_${name} COMMAND "${GRANARY_EXECUTABLE}" build "${manifest}" --silo ${name}
    COMMENT "Building the silo ${name} of ${silo_SYSTEM}" VERBATIM)
endfunction()
