// SPDX-License-Identifier: Apache-2.0
//
// The list's promises: order, removal of any element, and an element that is in at most one list, once.
#include "kernel/base/intrusive_list.hpp"

#include "test/fakes/host_prelude.hpp"

namespace base {
namespace {

struct Element {
  explicit Element(int number) : value(number) {}
  int value;
  ListNode<Element> node;
  ListNode<Element> other_node;
};
using List = IntrusiveList<Element, &Element::node>;
using OtherList = IntrusiveList<Element, &Element::other_node>;

std::vector<int> values(const List& list) {
  std::vector<int> found;
  for (Element* element = list.front(); element != nullptr; element = list.next(*element))
    found.push_back(element->value);
  return found;
}

class IntrusiveListTest : public testing::Test {
 protected:
  IntrusiveListTest() {
    for (Element* const element : {&one, &two, &three}) list.push_back(*element);
  }
  List list;
  Element one{1}, two{2}, three{3};
};

TEST_F(IntrusiveListTest, N1_gives_back_in_the_order_of_arrival) {
  EXPECT_EQ(values(list), (std::vector{1, 2, 3}));
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(list.back(), &three);
  EXPECT_EQ(list.pop_front(), &one);
  EXPECT_EQ(list.pop_front(), &two);
  EXPECT_EQ(list.pop_front(), &three);
  EXPECT_EQ(list.pop_front(), nullptr);
  EXPECT_TRUE(list.is_empty());
  EXPECT_EQ(list.back(), nullptr);
}

TEST_F(IntrusiveListTest, removes_the_first_the_last_and_one_between) {
  list.remove(two);
  EXPECT_EQ(values(list), (std::vector{1, 3}));
  list.remove(three);
  EXPECT_EQ(list.back(), &one);
  list.remove(one);
  EXPECT_TRUE(list.is_empty());
  EXPECT_EQ(list.size(), 0u);
  list.push_back(two);
  EXPECT_EQ(values(list), (std::vector{2}));
}

TEST_F(IntrusiveListTest, a_node_knows_whether_and_where_it_is_linked) {
  List second;
  EXPECT_TRUE(two.node.is_linked());
  EXPECT_TRUE(two.node.is_linked_in(&list));
  EXPECT_FALSE(two.node.is_linked_in(&second));
  list.remove(two);
  EXPECT_FALSE(two.node.is_linked());
  second.push_back(two);
  EXPECT_TRUE(two.node.is_linked_in(&second));
}

TEST_F(IntrusiveListTest, an_element_with_two_nodes_is_in_two_lists) {
  OtherList other;
  other.push_back(two);
  list.remove(two);
  EXPECT_EQ(other.front(), &two);
}

using IntrusiveListDeathTest = IntrusiveListTest;

TEST_F(IntrusiveListDeathTest, B1_an_element_is_in_a_list_at_most_once) { EXPECT_DEATH(list.push_back(two), ""); }

TEST_F(IntrusiveListDeathTest, removing_what_is_in_another_list_is_a_kernel_bug) {
  List second;
  EXPECT_DEATH(second.remove(two), "");
  list.remove(two);
  EXPECT_DEATH(list.remove(two), "");
}

}  // namespace
}  // namespace base
