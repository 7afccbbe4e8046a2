// SPDX-License-Identifier: Apache-2.0
//
// Every refusal of a manifest has a sample in tests/refused/: its first line is the sentence that is expected (with the
// line it is about), its second the remedy; "..." stands for any rest. The whole output must be that and nothing else.
#include "test/fakes/host_prelude.hpp"

#include "ipc/abi/abi.hpp"
#include "tools/granary/capabilities.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using test::load;
using test::printed;
using test::TemporaryManifest;

std::string stem(const testing::TestParamInfo<std::filesystem::path>& info) { return info.param.stem().string(); }

bool matches(const std::string& actual, const std::string& expected) {
  if (expected.ends_with("...")) return actual.starts_with(expected.substr(0, expected.size() - 3));
  return actual == expected;
}

class Refused : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Refused, with_file_line_reason_and_remedy) {
  std::istringstream sample(test::text_of(GetParam()));
  std::string expects, remedy;
  std::getline(sample, expects);
  std::getline(sample, remedy);
  ASSERT_TRUE(expects.starts_with("# expects: ") && remedy.starts_with("# remedy: ")) << "the sample says nothing";

  Diagnostics diagnostics;
  load(GetParam(), diagnostics);
  EXPECT_TRUE(diagnostics.failed());
  std::istringstream output(printed(diagnostics));
  std::string reason_line, remedy_line, rest;
  std::getline(output, reason_line);
  std::getline(output, remedy_line);
  EXPECT_TRUE(matches(reason_line, GetParam().string() + ":" + expects.substr(11))) << reason_line;
  EXPECT_TRUE(matches(remedy_line, "  remedy: " + remedy.substr(10))) << remedy_line;
  EXPECT_FALSE(std::getline(output, rest)) << "one mistake gives one refusal, but there is also: " << rest;
}
INSTANTIATE_TEST_SUITE_P(Manifest, Refused, testing::ValuesIn(test::sample_files("refused")), stem);

TEST(Manifest, has_a_sample_for_every_way_of_being_refused) {
  EXPECT_GE(test::sample_files("refused").size(), 253U) << "a sample has gone";
}

TEST(Manifest, may_have_any_character_in_texts_and_comments) {
  for (const char* line : {"# é\n", "\xef\xbb\xbf# é\n", "system = \"a\" # \xd2\x83\n", "# \"\n# '\n", "\"a\" = 'é'\n",
                           "a = \"\"\"é\"\n\"\"\" # é\n", "a = '''é'\n''' # é\n", "a = \"\\\"é\" # é\n",
                           "a = \"\" # é\n", "a = '\\' # é\n"}) {
    const TemporaryManifest manifest(line);
    Diagnostics diagnostics;
    read_manifest(manifest.file(), diagnostics);
    EXPECT_THAT(printed(diagnostics), testing::Not(testing::HasSubstr("not TOML"))) << line;
  }
  for (const char* line :
       {"é = 1\n", "a = é\n", "a = \"\"é\n", "a = ''''é\n", "a = \"\"\"x\"\"\"é\n", "[é]", "a = '\\'é\n",
        "a = 1 \xc2\xa0", "\xd2\x83", "a = [ 1,\n\xe2\x80\xa8 2 ]", "a = \"", "a = '''", "a = \"\\"}) {
    const TemporaryManifest manifest(line);
    Diagnostics diagnostics;
    read_manifest(manifest.file(), diagnostics);
    EXPECT_THAT(printed(diagnostics), testing::HasSubstr("not TOML")) << line;
  }
}

class Accepted : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Accepted, without_a_word) {
  Diagnostics diagnostics;
  const Manifest manifest = load(GetParam(), diagnostics);
  warn_about(manifest, diagnostics);
  EXPECT_EQ(printed(diagnostics), "");
}
INSTANTIATE_TEST_SUITE_P(Manifest, Accepted, testing::ValuesIn(test::sample_files("accepted")), stem);

TEST(Manifest, warns_of_regions_that_the_quota_lets_nobody_map) {
  const TemporaryManifest manifest(
      "[silo.a]\nprogram = \"program.c\"\n[silo.b]\nprogram = \"program.c\"\nquota = { mapped_pages = 11 }\n"
      "[silo.c]\nprogram = \"program.c\"\nquota = { mapped_pages = 12 }\n"
      "[region.one]\nsize = \"16 KiB\"\nwrite = [\"a\", \"b\", \"c\"]\n"
      "[region.two]\nsize = \"32 KiB\"\nread = [\"b\", \"c\"]\n");
  Diagnostics diagnostics;
  warn_about(load(manifest.file(), diagnostics), diagnostics);
  EXPECT_FALSE(diagnostics.failed());
  const std::string file = manifest.file().string();
  EXPECT_EQ(printed(diagnostics),
            file +
                ":1: warning: the regions of silo `a` have 4 pages, and its quota lets it map 0\n"
                "  remedy: write quota = { mapped_pages = 4 }, for all of them at a time\n" +
                file +
                ":3: warning: the regions of silo `b` have 12 pages, and its quota lets it map 11\n"
                "  remedy: write quota = { mapped_pages = 12 }, for all of them at a time\n");
}

TEST(Manifest, Q2_Q6_warns_of_parts_of_a_page_and_of_memory_for_devices) {
  const TemporaryManifest manifest(
      "[silo.a]\nprogram = \"program.c\"\nquota = { mapped_pages = 1 }\n"
      "[device.disk]\nsilo = \"a\"\ndevice = { virt = \"/virtio_mmio@a000000\" }\n"
      "[region.one]\nsize = \"4 KiB\"\nwrite = [\"a\"]\ndma = [\"a\"]\n");
  Diagnostics diagnostics;
  const Manifest read = load(manifest.file(), diagnostics);
  warn_about(read, diagnostics);
  EXPECT_FALSE(diagnostics.failed());
  EXPECT_THAT(printed(diagnostics), testing::HasSubstr("`disk` (/virtio_mmio@a000000) is a part of a page"));
  EXPECT_THAT(printed(diagnostics), testing::HasSubstr("may learn the physical addresses of region `one`"));
  EXPECT_NE(read.shared[0].users[0].rights & static_cast<std::uint64_t>(abi::Right::RegionPhysical), 0U);
}

TEST(Manifest, can_be_checked_as_a_design_before_its_programs_are_there) {
  const test::TemporaryManifest manifest("system = \"design\"\n[silo.a]\nprogram = \"not_yet.cpp\"\n");
  Diagnostics built, design;
  const Manifest read = read_manifest(manifest.file(), built);
  check_manifest(read, built);
  EXPECT_THAT(test::printed(built), testing::HasSubstr("error: the program `not_yet.cpp` of silo `a` does not exist"));
  check_manifest(read, design, ProgramFiles::MayBeMissing);
  EXPECT_FALSE(design.failed());
  EXPECT_THAT(test::printed(design),
              testing::HasSubstr("warning: the program `not_yet.cpp` of silo `a` does not exist"));
}

TEST(Manifest, damaged_at_random_is_answered_with_sentences) {
  const std::string whole = test::text_of(test::samples("accepted") / "everything.toml");
  std::uint32_t random = 1;
  const auto next = [&random](std::size_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % below;
  };
  const std::string pieces[] = {"[",  "]",  "{",  "}",   "=",    "\"",   "\n",   "-",
                                "0x", "[[", "]]", "1e9", "true", "\xff", "silo", "."};
  for (int round = 0; round < 1500; ++round) {
    std::string text = whole;
    for (std::size_t change = 0; change <= next(3); ++change) {
      const std::size_t at = next(text.size());
      text.replace(at, next(std::min<std::size_t>(12, text.size() - at)), pieces[next(std::size(pieces))]);
    }
    const TemporaryManifest manifest(text);
    Diagnostics diagnostics;
    const Manifest read = load(manifest.file(), diagnostics);
    if (diagnostics.failed()) continue;
    for (const Silo& silo : read.silos) EXPECT_LT(capabilities_of(read, silo).size(), capability_slots_of(read, silo));
  }
}

std::string silos(unsigned count, const std::string& more = "") {
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += "[silo.s" + std::to_string(i) + "]\nprogram = \"program.c\"\n" + more;
  return text;
}

TEST(Manifest, a_two_silo_system_needs_at_most_twelve_lines) {
  const std::string text = test::text_of(test::samples("accepted") / "twelve_lines.toml");
  EXPECT_LE(std::count(text.begin(), text.end(), '\n') - 1, 12) << "the comment line does not count";
}

TEST(Manifest, says_that_a_file_is_not_there) {
  Diagnostics diagnostics;
  load("no_such_folder/system.toml", diagnostics);
  EXPECT_EQ(printed(diagnostics),
            "no_such_folder/system.toml: error: there is no such file\n"
            "  remedy: give the path of a manifest, for example system.toml\n");
}

TEST(Manifest, says_that_a_folder_is_not_a_file) {
  Diagnostics diagnostics;
  load(test::samples("refused"), diagnostics);
  EXPECT_EQ(printed(diagnostics), test::samples("refused").string() +
                                      ": error: this is not a file\n"
                                      "  remedy: give the path of a manifest, for example system.toml\n");
}

TEST(Manifest, prints_every_mistake_of_a_run_in_the_order_of_the_file) {
  const TemporaryManifest manifest("[silo.a]\nprogram = \"program.c\"\ncolour = 1\npriority = 70\nstack = \"1 B\"\n");
  Diagnostics diagnostics;
  load(manifest.file(), diagnostics);
  const std::string text = printed(diagnostics);
  const auto first = text.find(":3: error"), second = text.find(":4: error"), third = text.find(":5: error");
  ASSERT_NE(third, std::string::npos) << text;
  EXPECT_TRUE(first < second && second < third) << text;
}

TEST(Manifest, takes_as_many_silos_as_the_kernel_runs_and_not_one_more) {
  const TemporaryManifest full("system = \"full\"\n" + silos(abi::kSilosMaximum));
  Diagnostics good, bad;
  load(full.file(), good);
  EXPECT_EQ(printed(good), "");
  const TemporaryManifest over("system = \"full\"\n" + silos(abi::kSilosMaximum + 1));
  load(over.file(), bad);
  EXPECT_EQ(printed(bad), over.file().string() +
                              ":1: error: 251 silos are more than the kernel can run\n"
                              "  remedy: at most 250; let threads share a silo\n");
}

TEST(Manifest, refuses_more_deadlines_than_the_kernel_has_links) {
  const auto with_channels = [](unsigned count) {
    std::string text = silos(2);
    for (unsigned i = 0; i < count; ++i)
      text += "[channel.c" + std::to_string(i) + "]\nfrom = \"s0\"\nto = \"s1\"\ndeadline = \"1 ms\"\n";
    return "system = \"linked\"\n" + text;
  };
  const TemporaryManifest full(with_channels(abi::kLinksMaximum / 2));
  Diagnostics good, bad;
  load(full.file(), good);
  EXPECT_EQ(printed(good), "");
  const TemporaryManifest over(with_channels(abi::kLinksMaximum / 2 + 1));
  load(over.file(), bad);
  EXPECT_THAT(printed(bad), testing::HasSubstr(":4: error: more than 255 capabilities have a `deadline`; the handle"));
}

TEST(Manifest, refuses_more_threads_than_the_kernel_has) {
  std::string threads;
  for (int i = 0; i < 20; ++i) threads += "threads.t" + std::to_string(i) + ".entry = \"f\"\n";
  const TemporaryManifest manifest("system = \"full\"\n" + silos(50, threads));
  Diagnostics diagnostics;
  load(manifest.file(), diagnostics);
  EXPECT_EQ(printed(diagnostics), manifest.file().string() +
                                      ":1: error: 1050 threads are more than the kernel can run\n"
                                      "  remedy: at most 1024 in the whole system\n");
}

TEST(Manifest, refuses_more_objects_than_the_kernel_makes) {
  std::string ports;
  for (unsigned i = 0; i <= abi::kManifestObjectsMaximum; ++i)
    ports += "[port.p" + std::to_string(i) + "]\nowner = \"s" + std::to_string(i % 20) + "\"\n";
  const TemporaryManifest manifest("system = \"full\"\n" + silos(20) + ports);
  Diagnostics diagnostics;
  load(manifest.file(), diagnostics);
  EXPECT_EQ(printed(diagnostics), manifest.file().string() +
                                      ":1: error: there are more objects than the kernel can make\n"
                                      "  remedy: at most 512 in a manifest; a silo can create its own (quota)\n");
}

Manifest everything() {
  Diagnostics diagnostics;
  Manifest manifest = load(test::samples("accepted") / "everything.toml", diagnostics);
  EXPECT_EQ(printed(diagnostics), "");
  return manifest;
}

TEST(Manifest, keeps_what_it_says) {
  const Manifest manifest = everything();
  ASSERT_EQ(manifest.silos.size(), 3U);
  const Silo& server = manifest.silos[0];
  EXPECT_EQ(server.name, "server");
  EXPECT_EQ(server.program.size(), 2U);
  EXPECT_EQ(server.argument, 0x1234U);
  EXPECT_EQ(server.heap_bytes, 65536U);
  EXPECT_FALSE(server.console);
  EXPECT_EQ(server.quota[abi::QuotaKind::Messages], 64U);
  ASSERT_EQ(server.threads.size(), 2U);
  EXPECT_EQ(server.threads[0].priority, 20U);
  EXPECT_EQ(server.threads[0].stack_bytes, 32768U);
  EXPECT_EQ(server.threads[1].entry, "worker_main");
  EXPECT_EQ(server.threads[1].priority, 30U);
  EXPECT_EQ(server.threads[1].stack_bytes, 8192U);
  EXPECT_EQ(manifest.silos[1].threads[0].priority, kDefaultPriority);
  EXPECT_EQ(manifest.silos[1].threads[0].stack_bytes, kDefaultStackBytes);
  EXPECT_TRUE(manifest.silos[1].console);
  EXPECT_EQ(manifest.channels[0].capacity, kDefaultChannelCapacity);
  EXPECT_FALSE(manifest.channels[0].duplex);
  EXPECT_TRUE(manifest.channels[1].duplex);
}

TEST(Capabilities, stand_in_a_fixed_order_with_the_rights_of_their_link_and_no_more) {
  using enum abi::Right;
  const auto bits = [](auto... rights) { return (static_cast<std::uint64_t>(rights) | ...); };
  const Manifest manifest = everything();
  const std::vector<Capability> watcher = capabilities_of(manifest, manifest.silos[2]);
  ASSERT_EQ(watcher.size(), 7U);
  EXPECT_EQ(watcher[0].name, "console");
  EXPECT_EQ(watcher[0].rights, bits(ConsoleWrite, Duplicate));
  EXPECT_EQ(handle_of(watcher[0]), 0x100000040U);
  EXPECT_EQ(watcher[1].name, "command");
  EXPECT_EQ(watcher[1].rights, bits(PortSend));
  EXPECT_EQ(watcher[1].badge, 7U);
  EXPECT_EQ(watcher[2].name, "talk");
  EXPECT_EQ(watcher[2].rights, bits(ChannelSend, ChannelReceive, ChannelTransfer, Duplicate));
  EXPECT_EQ(watcher[2].end, 0U);
  EXPECT_EQ(watcher[2].object, 2U) << "ports are numbered before channels";
  EXPECT_EQ(watcher[3].name, "news");
  EXPECT_EQ(watcher[3].rights, bits(AsyncReceive, Duplicate, Grant));
  EXPECT_EQ(watcher[4].name, "events");
  EXPECT_EQ(watcher[4].rights, bits(NotificationSignal, Duplicate, Grant));
  EXPECT_EQ(watcher[4].badge, 2U) << "the second signaller has the second bit";
  EXPECT_EQ(watcher[5].name, "audit");
  EXPECT_EQ(watcher[5].rights, bits(AuditRead, Duplicate));
  EXPECT_EQ(watcher[6].name, "trace");
  EXPECT_EQ(watcher[6].rights, bits(TraceRead, TraceControl, Duplicate));

  const std::vector<Capability> client = capabilities_of(manifest, manifest.silos[1]);
  ASSERT_EQ(client.size(), 7U);
  EXPECT_EQ(client[1].rights, bits(PortSend, PortCall, Duplicate));
  EXPECT_EQ(client[1].badge, 2U) << "the place among the clients";
  EXPECT_EQ(client[2].name, "samples");
  EXPECT_EQ(client[2].rights, bits(ChannelReceive, Duplicate));
  EXPECT_EQ(client[2].end, 1U);
  EXPECT_EQ(client[3].rights, bits(AsyncReceive, Duplicate, Grant));
  EXPECT_EQ(client[4].badge, 1U);
  EXPECT_EQ(client[5].rights, bits(SemaphoreWait, Duplicate, Grant));
  EXPECT_EQ(client[6].rights, bits(RegionRead, Duplicate, Grant));

  const std::vector<Capability> server = capabilities_of(manifest, manifest.silos[0]);
  ASSERT_EQ(server.size(), 11U);
  EXPECT_EQ(server[0].rights,
            bits(PortReceive, PortDestroy, PortSend, PortCall, PortTransfer, Duplicate, Grant, Revoke));
  EXPECT_EQ(server[1].rights, bits(ChannelSend, Duplicate));
  EXPECT_EQ(server[3].rights, bits(AsyncSend, Duplicate, Grant));
  EXPECT_EQ(server[3].badge, 1U);
  EXPECT_EQ(server[4].rights, bits(NotificationWait, Duplicate, Grant));
  EXPECT_EQ(server[5].rights, bits(SemaphorePost, SemaphoreWait, Duplicate, Grant));
  EXPECT_EQ(server[6].rights, bits(RegionRead, RegionWrite, Duplicate, Grant));
  EXPECT_EQ(server[7].type, abi::ObjectType::Interrupt);
  EXPECT_EQ(server[7].object, 7U);
  EXPECT_EQ(server[7].rights, bits(InterruptBind));
  EXPECT_EQ(server[8].type, abi::ObjectType::Silo);
  EXPECT_EQ(server[8].object, 1U);
  EXPECT_EQ(server[8].rights, bits(SiloObserve, SiloGrant, Duplicate));
  EXPECT_EQ(server[9].object, 2U);
  EXPECT_EQ(server[9].rights, bits(SiloObserve, Duplicate));
  EXPECT_EQ(server[10].name, "system");
  EXPECT_EQ(server[10].rights, bits(SystemVerdict, Duplicate));
  for (unsigned i = 0; i < server.size(); ++i) EXPECT_EQ(server[i].slot, i + 1);
}

TEST(Capabilities, of_a_port_that_its_owner_also_calls_are_one_capability) {
  Diagnostics diagnostics;
  const Manifest manifest = load(test::samples("accepted") / "owner_is_client.toml", diagnostics);
  const std::vector<Capability> capabilities = capabilities_of(manifest, manifest.silos[0]);
  ASSERT_EQ(capabilities.size(), 2U);
  const auto call_and_receive =
      static_cast<std::uint64_t>(abi::Right::PortCall) | static_cast<std::uint64_t>(abi::Right::PortReceive);
  EXPECT_EQ(capabilities[1].rights & call_and_receive, call_and_receive);
  EXPECT_EQ(capabilities[1].badge, 1U);
}

TEST(Capabilities, get_a_table_that_also_holds_what_the_quota_lets_the_silo_create) {
  const TemporaryManifest manifest("[silo.a]\nprogram = \"program.c\"\nquota = { ports = 20, channels = 30 }\n");
  Diagnostics diagnostics;
  const Manifest read = load(manifest.file(), diagnostics);
  EXPECT_EQ(capability_slots_of(read, read.silos[0]), 128U);
  EXPECT_EQ(capability_slots_of(everything(), everything().silos[1]), 64U);
}

}  // namespace
}  // namespace tool
