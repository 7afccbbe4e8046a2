/* SPDX-License-Identifier: Apache-2.0
 *
 * <cstdlib> goes on to "the next" <stdlib.h> behind the C++ headers; picolibc's stands before them. The plain include
 * finds it.
 */
#include <stdlib.h>
