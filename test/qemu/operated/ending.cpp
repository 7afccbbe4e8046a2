// SPDX-License-Identifier: Apache-2.0
//
// Waits to be stopped.
#include "handles.hpp"

int main() { granary::sleep_until(granary::forever); }
