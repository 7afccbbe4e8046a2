/* SPDX-License-Identifier: Apache-2.0
 *
 * <cmath> goes on to "the next" <math.h> behind the C++ headers; picolibc's stands before them. The plain include
 * finds it.
 */
#include <math.h>
