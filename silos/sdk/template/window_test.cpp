// A test of the window: it runs in the place of the thermometer (tests.toml), with its handles.
#include <granary/testing.hpp>
#include "handles.hpp"
using namespace granary;
int main() {
  testing::ok(handles::opening.call({.words = {30}}, std::chrono::seconds(2)), "it opens");
  return testing::finish(handles::system);
}
