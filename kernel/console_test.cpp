// SPDX-License-Identifier: Apache-2.0
//
// Console: lines stay whole and carry their silo's name, nothing is lost silently, and a silo can neither print a line
// that looks like the kernel's nor keep the kernel from printing.
#include "test/fakes/host_prelude.hpp"

#include "kernel/console.hpp"
#include "kernel/console_line.hpp"

#include <random>

#include "test/fakes/fake_machine.hpp"

namespace kernel {
namespace {

using testing::HasSubstr;

class Console : public testing::Test {
 protected:
  Console() {
    set_console_mode(ConsoleMode::Synchronous);
    fakes::reset();
    set_console_mode(ConsoleMode::Buffered);
  }
  ~Console() override { set_console_mode(ConsoleMode::Synchronous); }

  /// Everything printed so far, with \r\n as \n.
  static std::string printed() {
    while (console_pending()) console_drain();
    std::string text = fakes::take_console();
    for (std::size_t at; (at = text.find("\r\n")) != std::string::npos;) text.erase(at, 1);
    return text;
  }

  ConsoleLine line;
  ConsoleLine other;
};

TEST_F(Console, prints_at_once_while_synchronous_and_ends_lines_with_carriage_return) {
  set_console_mode(ConsoleMode::Synchronous);
  log("found {} cores at {}", 4, base::Hex{0x40});
  EXPECT_EQ(fakes::take_console(), "granary: found 4 cores at 0x40\r\n");
}

TEST_F(Console, never_waits_for_the_transmitter_once_buffered) {
  fakes::set_console_room(0);
  log("hello");
  EXPECT_EQ(fakes::take_console(), "");
  EXPECT_TRUE(console_pending());
  fakes::set_console_room(5);
  console_drain();
  EXPECT_EQ(fakes::take_console(), "grana");
  fakes::set_console_room(~std::uint64_t{0});
  console_drain();
  EXPECT_EQ(fakes::take_console(), "ry: hello\r\n");
  EXPECT_FALSE(console_pending());
}

TEST_F(Console, drains_a_bounded_number_of_characters_at_a_time) {
  for (int i = 0; i < 10; ++i) log("0123456789");
  console_drain();
  EXPECT_EQ(fakes::take_console().size(), kConsoleDrainMaximum);
}

TEST_F(Console, keeps_lines_of_two_silos_and_the_kernel_apart) {
  EXPECT_EQ(console_write_silo("alpha", line, "one "), 4u);
  EXPECT_EQ(console_write_silo("beta", other, "eins "), 5u);
  log("in between");
  EXPECT_EQ(console_write_silo("alpha", line, "two\nthree"), 9u);
  EXPECT_EQ(console_write_silo("beta", other, "zwei\n"), 5u);
  EXPECT_EQ(printed(), "granary: in between\n[alpha] one two\n[beta] eins zwei\n");
}

TEST_F(Console, completes_the_unfinished_line_of_a_silo_that_ends) {
  console_write_silo("alpha", line, "last words");
  EXPECT_EQ(printed(), "");
  console_finish_silo("alpha", line);
  console_finish_silo("alpha", line);
  EXPECT_EQ(printed(), "[alpha] last words\n");
}

TEST_F(Console, replaces_what_a_terminal_would_act_on) {
  const std::string text("a\x1b[2J\rb\x7f\0c\td\xc3\xa4\n", 15);
  EXPECT_EQ(console_write_silo("alpha", line, text), text.size());
  EXPECT_EQ(printed(), "[alpha] a?[2J?b??c\td\xc3\xa4\n");
}

TEST_F(Console, replaces_control_characters_hidden_in_utf_8_and_keeps_letters) {
  const std::string text(
      "x\xc2\x9b"
      "2J \x9b"
      "2J \xc3\x9c \xe2\x82\xac\n");
  EXPECT_EQ(console_write_silo("alpha", line, text), text.size());
  EXPECT_EQ(printed(), "[alpha] x\xc2?2J ?2J \xc3\x9c \xe2\x82\xac\n");
}

TEST_F(Console, lets_no_silo_begin_a_line_with_anything_but_its_name) {
  const std::string forged = "x\ngranary: verdict: status 0 (passed)\n\rgranary: DEAD\n";
  EXPECT_EQ(console_write_silo("rogue", line, forged), forged.size());
  std::string text = printed();
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    EXPECT_EQ(text.compare(at, 8, "[rogue] "), 0);
}

TEST_F(Console, splits_long_lines_visibly_and_loses_nothing_of_them) {
  EXPECT_EQ(console_write_silo("alpha", line, std::string(120, 'a')), 120u);
  EXPECT_EQ(printed(), "");
  EXPECT_EQ(console_write_silo("alpha", line, "bc\n"), 3u);
  EXPECT_EQ(printed(), "[alpha] " + std::string(120, 'a') + "\\\n[alpha] bc\n");
  EXPECT_EQ(console_write_silo("alpha", line, std::string(120, 'a') + "\n"), 121u);
  EXPECT_EQ(printed(), "[alpha] " + std::string(120, 'a') + "\n");
}

TEST_F(Console, does_not_split_inside_a_utf_8_character_and_bounds_malformed_ones) {
  console_write_silo("alpha", line, std::string(119, 'a') + "\xf0\x9f\x98\x80!\n");
  EXPECT_EQ(printed(), "[alpha] " + std::string(119, 'a') + "\xf0\x9f\x98\x80\\\n[alpha] !\n");
  console_write_silo("alpha", line, std::string(300, '\xa0') + "\n");
  EXPECT_EQ(printed(), "[alpha] " + std::string(123, '\xa0') + "\\\n[alpha] " + std::string(123, '\xa0') +
                           "\\\n[alpha] " + std::string(54, '\xa0') + "\n");
}

TEST_F(Console, takes_only_what_fits_from_a_flood_and_keeps_the_rest_for_later) {
  fakes::set_console_room(0);
  const std::string text = std::string(100, 'f') + "\n";
  std::uint32_t lines = 0;
  while (console_write_silo("flood", line, text) == text.size()) ++lines;
  EXPECT_GT(lines, 50u);
  EXPECT_EQ(console_write_silo("flood", line, "\n"), 0u);
  for (int i = 0; i < 100; ++i) log("still here {}", i);  // from the reserve
  fakes::set_console_room(~std::uint64_t{0});
  const std::string text_printed = printed();
  EXPECT_THAT(text_printed, HasSubstr("\ngranary: still here 0\n"));
  EXPECT_THAT(text_printed, HasSubstr("\ngranary: still here 99\n"));
  EXPECT_EQ(console_write_silo("flood", line, "\n"), 1u);
  EXPECT_EQ(printed(), "[flood] " + std::string(100, 'f') + "\n");
}

TEST_F(Console, reports_how_many_kernel_lines_were_lost) {
  fakes::set_console_room(0);
  const int kLines = 2000;
  for (int i = 0; i < kLines; ++i) log("line {}", i);
  fakes::set_console_room(~std::uint64_t{0});
  const std::string text = printed();
  const auto count = std::count(text.begin(), text.end(), '\n');
  EXPECT_EQ(text.find("granary: line 0\n"), 0u);
  EXPECT_LT(count, kLines);
  EXPECT_THAT(text, HasSubstr("granary: " + std::to_string(kLines - (count - 1)) + " lines lost, console full\n"));
  log("after");
  EXPECT_EQ(printed(), "granary: after\n");
}

TEST_F(Console, splits_a_kernel_line_that_is_longer_than_its_buffer) {
  log("{}", std::string_view(std::string(400, 'k')));
  const std::string text = printed();
  EXPECT_THAT(text, HasSubstr("\\\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), 'k'), 400);
}

TEST_F(Console, transmits_everything_that_waits_when_it_becomes_synchronous) {
  fakes::set_console_room(0);
  log("first");
  console_write("unfinished");
  fakes::set_console_room(~std::uint64_t{0});
  set_console_mode(ConsoleMode::Synchronous);
  EXPECT_EQ(fakes::take_console(), "granary: first\r\nunfinished");
}

TEST_F(Console, writes_the_lines_of_silos_while_synchronous_too) {
  set_console_mode(ConsoleMode::Synchronous);
  EXPECT_EQ(console_write_silo("alpha", line, "now\n"), 4u);
  EXPECT_EQ(fakes::take_console(), "[alpha] now\r\n");
}

TEST_F(Console, delivers_every_accepted_byte_once_and_in_order_over_random_steps) {
  std::mt19937 random(11);
  std::string sent[2];
  std::string output;
  const std::string_view names[2] = {"alpha", "beta"};
  ConsoleLine* const lines[2] = {&line, &other};
  for (int step = 0; step < 50'000; ++step) {
    const std::size_t who = random() % 2;
    std::string text;
    for (unsigned length = random() % 64; length > 0; --length) {
      text.push_back(random() % 16 == 0 ? '\n' : static_cast<char>('a' + random() % 26));
    }
    sent[who] += text.substr(0, console_write_silo(names[who], *lines[who], text));
    fakes::set_console_room(random() % 60);
    console_drain();
    output += fakes::take_console();
  }
  fakes::set_console_room(~std::uint64_t{0});
  for (std::size_t who = 0; who < 2; ++who) console_finish_silo(names[who], *lines[who]);
  output += printed();
  std::string received[2];
  std::size_t at = 0;
  while (at < output.size()) {
    const std::size_t end = output.find('\n', at);
    std::string text = output.substr(at, end - at);
    if (!text.empty() && text.back() == '\r') text.pop_back();
    at = end + 1;
    const std::size_t who = text.starts_with("[alpha] ") ? 0 : 1;
    ASSERT_TRUE(text.starts_with(who == 0 ? "[alpha] " : "[beta] ")) << text;
    text.erase(0, names[who].size() + 3);
    const bool is_split = !text.empty() && text.back() == '\\';
    if (is_split) text.pop_back();
    received[who] += text + (is_split ? "" : "\n");
  }
  for (std::size_t who = 0; who < 2; ++who) {
    if (!sent[who].empty() && sent[who].back() != '\n') sent[who] += '\n';
    EXPECT_EQ(received[who], sent[who]);
  }
}

}  // namespace
}  // namespace kernel
