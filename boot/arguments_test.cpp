// SPDX-License-Identifier: Apache-2.0
//
// Boot arguments.
#include "test/fakes/host_prelude.hpp"

#include "boot/arguments.hpp"

namespace boot {
namespace {

TEST(Arguments, once_is_a_word_of_its_own) {
  EXPECT_FALSE(parse_arguments("").once);
  EXPECT_TRUE(parse_arguments("once").once);
  EXPECT_TRUE(parse_arguments(" once ").once);
  EXPECT_TRUE(parse_arguments("console=ttyAMA0 once quiet").once);
  EXPECT_FALSE(parse_arguments("nonce oncemore once=1 ONCE").once);
}

}  // namespace
}  // namespace boot
