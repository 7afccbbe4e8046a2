// SPDX-License-Identifier: Apache-2.0
//
// What is written is JSON, whatever the texts in it hold.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/json.hpp"

namespace tool {
namespace {

TEST(Json, puts_commas_between_elements_and_nowhere_else) {
  Json json;
  json.open('{')
      .pair("a", std::uint64_t{1})
      .open("b", '[')
      .value("x")
      .value(std::uint64_t{2})
      .close(']')
      .open("c", '{');
  json.close('}').pair("d", true).close('}');
  EXPECT_EQ(json.text(), "{\n\"a\": 1,\n\"b\": [\n\"x\",\n2],\n\"c\": {},\n\"d\": true}");
}

TEST(Json, escapes_quotes_backslashes_and_what_cannot_be_printed) {
  EXPECT_EQ(Json::quoted("a\"b\\c\nd\x01\x7f"), "\"a\\\"b\\\\c\\nd\\u0001\\u007f\"");
}

}  // namespace
}  // namespace tool
