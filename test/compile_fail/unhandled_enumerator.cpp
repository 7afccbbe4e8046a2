// SPDX-License-Identifier: Apache-2.0
// expects: not handled in switch
// layer: kernel
//
// A switch over one of our enums names every state, so a new state is met everywhere.
namespace {
enum class Light { Red, Green };
}  // namespace

bool may_go(int number);
bool may_go(int number) {
  switch (static_cast<Light>(number)) {
    case Light::Green: return true;
#ifdef COMPILES
    case Light::Red: return false;
#endif
  }
  return false;
}
