// SPDX-License-Identifier: Apache-2.0
//
// Keys, lines, history, words and completion; random bytes against a plain reference.
#include "test/fakes/host_prelude.hpp"

#include <random>
#include <string>

#include "line_editor.hpp"

namespace drivers {
namespace {

using Outcome = LineEditor::Outcome;

struct Typing : testing::Test {
  KeyDecoder keys;
  LineEditor editor;
  Outcome last = Outcome::Nothing;
  unsigned entered = 0;
  void type(std::string_view bytes) {
    for (const char byte : bytes) {
      last = editor.press(keys.feed(byte));
      if (last == Outcome::Entered) {
        ++entered;
        editor.begin(true);
      }
    }
  }
};

TEST_F(Typing, text_goes_in_where_the_cursor_stands) {
  type(
      "hllo\x1b[D\x1b[D\x1b[D"
      "e");
  EXPECT_EQ(editor.line(), "hello");
  EXPECT_EQ(editor.cursor(), 2u);
  type("\x1b[H>\x1b[F<");
  EXPECT_EQ(editor.line(), ">hello<");
  type(
      "\x01"
      "a\x05"
      "z");
  EXPECT_EQ(editor.line(), "a>hello<z");
  type("\x1bOH\x1b[3~\x1b[C\x1b[C\x7f");
  EXPECT_EQ(editor.line(), ">ello<z");
}

TEST_F(Typing, every_spelling_of_home_end_and_delete) {
  for (const char* home : {"\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x01"}) {
    editor.begin(false);
    type("abc");
    type(home);
    EXPECT_EQ(editor.cursor(), 0u);
    for (const char* end : {"\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x05"}) {
      type("\x01");
      type(end);
      EXPECT_EQ(editor.cursor(), 3u);
    }
    type("\x01\x1b[3~\x04");
    EXPECT_EQ(editor.line(), "c");
  }
}

TEST_F(Typing, kills) {
  type("one two  three\x17");
  EXPECT_EQ(editor.line(), "one two  ");
  type("\x17");
  EXPECT_EQ(editor.line(), "one ");
  type("x y\x1b[D\x0b");
  EXPECT_EQ(editor.line(), "one x ");
  type("\x1b[D\x15");
  EXPECT_EQ(editor.line(), " ");
  type("\x15\x15\x17\x0b\x7f\x04");
  EXPECT_EQ(last, Outcome::Refused);
}

TEST_F(Typing, sequences_that_nobody_knows_leave_nothing_in_the_line) {
  type("a\x1b[1;5Db\x1b[200~c\x1bxd\x1b\x1b[De\x01\x02\x1b[Zf");
  EXPECT_EQ(editor.line(), "fbceda") << "ctrl-left is left, esc x is nothing, two escapes are one";
}

TEST_F(Typing, enter_in_its_three_spellings_is_one_line_each) {
  type("a\rb\nc\r\nd");
  EXPECT_EQ(entered, 3u);
  EXPECT_EQ(editor.line(), "d");
  type("\n\n");
  EXPECT_EQ(entered, 5u);
}

TEST_F(Typing, history_goes_up_and_down_and_keeps_what_was_being_typed) {
  type("first\nsecond\nsecond\n\nthi");
  type("\x1b[A");
  EXPECT_EQ(editor.line(), "second");
  type("\x1b[A");
  EXPECT_EQ(editor.line(), "first") << "an equal line and an empty one are not kept";
  type("\x1b[A");
  EXPECT_EQ(last, Outcome::Refused);
  type("\x1b[B\x1b[B");
  EXPECT_EQ(editor.line(), "thi");
  type("\x1b[B");
  EXPECT_EQ(last, Outcome::Refused);
  type("\x10!\n\x10");
  EXPECT_EQ(editor.line(), "second!");
}

TEST_F(Typing, history_is_bounded_and_forgets_the_oldest) {
  for (int i = 0; i < 40; ++i) type("line " + std::to_string(i) + "\n");
  for (int i = 39; i >= 24; --i) {
    type("\x1b[A");
    EXPECT_EQ(editor.line(), "line " + std::to_string(i));
  }
  type("\x1b[A");
  EXPECT_EQ(last, Outcome::Refused);
}

TEST_F(Typing, a_line_of_five_thousand_characters_is_cut_and_the_rest_is_counted) {
  type(std::string(5000, 'x'));
  EXPECT_EQ(editor.line().size(), LineEditor::kLongest);
  EXPECT_EQ(editor.dropped(), 5000 - LineEditor::kLongest);
  EXPECT_EQ(last, Outcome::Refused);
  type("\nhelp");
  EXPECT_EQ(editor.line(), "help");
  EXPECT_EQ(editor.dropped(), 0u);
}

TEST_F(Typing, the_view_follows_the_cursor) {
  type("0123456789");
  EXPECT_EQ(editor.view(20).text, "0123456789");
  EXPECT_EQ(editor.view(20).cursor, 10u);
  EXPECT_EQ(editor.view(4).text, "789");
  EXPECT_EQ(editor.view(4).cursor, 3u);
  type("\x01");
  EXPECT_EQ(editor.view(4).text, "0123");
  EXPECT_EQ(editor.view(4).cursor, 0u);
}

TEST_F(Typing, the_word_before_the_cursor_is_what_completion_sees) {
  type("  ki");
  EXPECT_EQ(editor.word(), "ki");
  EXPECT_TRUE(editor.is_first_word());
  type("ll sen");
  EXPECT_EQ(editor.word(), "sen");
  EXPECT_FALSE(editor.is_first_word());
  type("\t");
  EXPECT_EQ(last, Outcome::Complete);
  EXPECT_TRUE(editor.insert("sor"));
  EXPECT_EQ(editor.line(), "  kill sensor");
}

TEST(Completion, agrees_as_far_as_all_that_fit) {
  Completion completion("sen");
  for (const char* name : {"actuator", "sensor", "sensor_two", "send", "se"}) completion.offer(name);
  EXPECT_EQ(completion.count(), 3u);
  EXPECT_EQ(completion.rest(), "");
  Completion one("a");
  for (const char* name : {"actuator", "sensor"}) one.offer(name);
  EXPECT_EQ(one.count(), 1u);
  EXPECT_EQ(one.rest(), "ctuator");
  Completion none("x");
  none.offer("sensor");
  EXPECT_EQ(none.count(), 0u);
  EXPECT_EQ(none.rest(), "");
}

TEST(Words, are_split_at_blanks_and_bounded) {
  const Words words("  caps   sensor ");
  EXPECT_EQ(words.count, 2u);
  EXPECT_EQ(words[0], "caps");
  EXPECT_EQ(words[1], "sensor");
  EXPECT_EQ(words[2], "");
  EXPECT_EQ(Words("").count, 0u);
  EXPECT_EQ(Words("    ").count, 0u);
  EXPECT_FALSE(Words("1 2 3 4 5 6 7 8 ").too_many);
  EXPECT_TRUE(Words("1 2 3 4 5 6 7 8 9").too_many);
}

/// Any bytes, and after each the invariant; text and cursor against a string that knows inserts, moves and erasures.
TEST_F(Typing, random_bytes_keep_the_line_sound) {
  std::mt19937 random(7);
  const std::string_view sequences[] = {"\x1b[A", "\x1b[B",  "\x1b[C",
                                        "\x1b[D", "\x1b[3~", "\x1b[99999999999999999999~"};
  for (int i = 0; i < 200'000; ++i) {
    const unsigned choice = random() % 8;
    if (choice == 0) {
      type(sequences[random() % std::size(sequences)]);
    } else if (choice == 1) {
      const char any = static_cast<char>(random());
      type(std::string_view(&any, 1));
    } else {
      const char text = static_cast<char>(' ' + random() % 95);
      type(std::string_view(&text, 1));
    }
    ASSERT_LE(editor.cursor(), editor.line().size());
    ASSERT_LE(editor.line().size(), LineEditor::kLongest);
    for (const char character : editor.line().substr(0, 8)) ASSERT_TRUE(character >= ' ' && character <= '~');
    const LineEditor::View view = editor.view(40);
    ASSERT_LT(view.cursor, 40u);
    ASSERT_LE(view.cursor, view.text.size());
  }
}

}  // namespace
}  // namespace drivers
