// SPDX-License-Identifier: Apache-2.0
//
// Who can ever reach whom: links, what can be passed on, and what holds it back. What assertions make of it has
// samples in tests/refused.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/reach.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Silos a, b, c and d with these links.
Manifest with(const std::string& links, const std::string& of_a = "") {
  std::string text;
  for (const char* name : {"a", "b", "c", "d"})
    text += std::string("[silo.") + name + "]\nprogram = \"program.c\"\n" + (*name == 'a' ? of_a : "");
  const test::TemporaryManifest file("allow_wait_cycles = true\n" + text + links);
  Diagnostics diagnostics;
  Manifest manifest = test::load(file.file(), diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  return manifest;
}

TEST(Reach, goes_along_links_and_no_further) {
  const Manifest manifest = with("[channel.x]\nfrom = \"a\"\nto = \"b\"\n[channel.y]\nfrom = \"b\"\nto = \"c\"\n");
  const Reach reach(manifest);
  EXPECT_THAT(reach.reached_by("a"), ElementsAre("b")) << "b may tell c what it likes; a cannot make it";
  EXPECT_THAT(reach.reached_by("c"), IsEmpty());
}

TEST(Reach, what_may_not_be_granted_stays) {
  const char* const kAsk = "[port.ask]\nowner = \"b\"\nclients = [\"a\"]\n[port.vault]\nowner = \"c\"\n";
  const Manifest kept = with(std::string(kAsk) + "clients = { b = { rights = [\"call\"] } }\n");
  EXPECT_THAT(Reach(kept).way("a", "c"), IsEmpty());
  const Manifest granted = with(std::string(kAsk) + "clients = { b = { rights = [\"call\", \"grant\"] } }\n");
  EXPECT_EQ(Reach(granted).way("a", "c").size(), 3U);
}

TEST(Reach, a_message_brings_a_capability_only_through_what_has_transfer) {
  const std::string vault = "[port.vault]\nowner = \"c\"\nclients = { a = { rights = [\"send\", \"grant\"] } }\n";
  const Manifest without = with(vault + "[channel.x]\nfrom = \"a\"\nto = \"b\"\n");
  EXPECT_THAT(Reach(without).way("b", "c"), IsEmpty());
  const Manifest transfer = with(vault + "[channel.x]\nfrom = \"a\"\nto = \"b\"\ntransfer = true\n");
  EXPECT_EQ(Reach(transfer).way("b", "c").size(), 3U);
}

TEST(Reach, goes_through_several_hands) {
  const Manifest manifest = with(
      "[port.one]\nowner = \"b\"\nclients = [\"a\"]\n[port.two]\nowner = \"c\"\nclients = [\"b\"]\n"
      "[port.vault]\nowner = \"d\"\nclients = { c = { rights = [\"send\", \"grant\"] } }\n");
  const Reach reach(manifest);
  EXPECT_THAT(reach.reached_by("a"), ElementsAre("b", "d"));
  EXPECT_THAT(reach.way("a", "d"),
              ElementsAre("`c` has port `vault`", "`c` can pass it on to `b` in an answer through port `two`",
                          "`b` can pass it on to `a` in an answer through port `one`", "`d` receives from it"));
}

TEST(Reach, counts_what_a_silo_may_make_itself) {
  const Manifest manifest = with("[port.ask]\nowner = \"a\"\nclients = [\"b\", \"c\"]\n", "quota = { channels = 1 }\n");
  EXPECT_THAT(Reach(manifest).reached_by("b"), ElementsAre("a", "c")) << "a may give both the ends of a channel";
}

TEST(Reach, is_held_back_by_flow_rules) {
  const Manifest manifest = with(
      "[port.one]\nowner = \"b\"\nclients = [\"a\"]\n"
      "[port.vault]\nowner = \"c\"\nclients = { b = { rights = [\"send\", \"grant\"] } }\n"
      "[flow]\nallow = [\"a -> b\", \"b -> c\"]\n");
  EXPECT_THAT(Reach(manifest).reached_by("a"), ElementsAre("b"));
}

}  // namespace
}  // namespace tool
