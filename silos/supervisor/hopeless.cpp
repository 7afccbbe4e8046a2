// SPDX-License-Identifier: Apache-2.0
//
// A ward of the supervisor that nobody can help: it ends with an error each time that it is started.
int main() { return 3; }
