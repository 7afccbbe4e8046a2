/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiler's C++ headers ask here which C library they stand on: it is picolibc, and no version of glibc.
 */
#pragma once
#include <sys/features.h>
#ifndef __GLIBC_PREREQ
#define __GLIBC_PREREQ(major, minor) 0
#endif
