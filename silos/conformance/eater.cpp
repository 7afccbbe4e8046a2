// SPDX-License-Identifier: Apache-2.0
//
// Deals with messages of the channel `meals`, and says so into `eaten`, each by its opcode. 666 ends it each time, 667
// once: the region `memory` outlives it.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  const std::span<std::byte> memory = handles::memory.map(RegionAccess::read_write).value();
  std::byte& has_choked = memory[0];
  for (;;) {
    const Message meal = handles::meals.receive().value().message;
    const bool chokes = meal.opcode == 667 && has_choked == std::byte{0};
    if (chokes) has_choked = std::byte{1};
    if (meal.opcode == 666 || chokes) word_at(8) = 1;
    Result<void> told = handles::eaten.send({meal.opcode}, 1s);
    told.value();
  }
}
