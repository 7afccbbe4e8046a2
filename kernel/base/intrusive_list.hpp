// SPDX-License-Identifier: Apache-2.0
//
// IntrusiveList<T, &T::node>: a doubly linked list whose links live in its elements. Nothing is allocated; every
// operation is O(1); a node knows whether it is linked, so an element is in at most one list through that node, at most
// once.
//
// INVARIANT: node.list_ is the list the node is in, null if none. A node is not destroyed or copied while linked.
#pragma once

#include <cstddef>

namespace base {

template <typename T, auto Member>
class IntrusiveList;

template <typename T>
class ListNode {
 public:
  constexpr ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  constexpr bool is_linked() const { return list_ != nullptr; }
  constexpr bool is_linked_in(const void* list) const { return list_ == list; }

 private:
  template <typename U, auto Member>
  friend class IntrusiveList;
  T* next_ = nullptr;
  T* previous_ = nullptr;
  const void* list_ = nullptr;
};

template <typename T, auto Member>
class IntrusiveList {
 public:
  constexpr IntrusiveList() = default;
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  constexpr bool is_empty() const { return first_ == nullptr; }
  constexpr T* front() const { return first_; }
  constexpr T* back() const { return last_; }
  constexpr T* next(const T& element) const { return (element.*Member).next_; }
  constexpr std::size_t size() const { return size_; }

  /// The element is in no list through this node; otherwise it traps.
  constexpr void push_back(T& element) {
    ListNode<T>& node = element.*Member;
    if (node.list_ != nullptr) __builtin_trap();
    node.list_ = this;
    node.previous_ = last_;
    node.next_ = nullptr;
    if (last_ != nullptr) {
      (last_->*Member).next_ = &element;
    } else {
      first_ = &element;
    }
    last_ = &element;
    ++size_;
  }

  /// The same, right behind `before`, which is in this list; null: at the front.
  constexpr void insert_behind(T& element, T* before) {
    if (before == last_) return push_back(element);  // also if the list is empty
    ListNode<T>& node = element.*Member;
    if (node.list_ != nullptr) __builtin_trap();
    T* const behind = before == nullptr ? first_ : (before->*Member).next_;
    node.list_ = this;
    node.previous_ = before;
    node.next_ = behind;
    (behind->*Member).previous_ = &element;
    if (before != nullptr) {
      (before->*Member).next_ = &element;
    } else {
      first_ = &element;
    }
    ++size_;
  }

  /// Null if empty.
  constexpr T* pop_front() {
    T* const element = first_;
    if (element != nullptr) remove(*element);
    return element;
  }

  /// The element is in this list; otherwise it traps.
  constexpr void remove(T& element) {
    ListNode<T>& node = element.*Member;
    if (node.list_ != this) __builtin_trap();
    if (node.previous_ != nullptr) {
      (node.previous_->*Member).next_ = node.next_;
    } else {
      first_ = node.next_;
    }
    if (node.next_ != nullptr) {
      (node.next_->*Member).previous_ = node.previous_;
    } else {
      last_ = node.previous_;
    }
    node.next_ = nullptr;
    node.previous_ = nullptr;
    node.list_ = nullptr;
    --size_;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace base
