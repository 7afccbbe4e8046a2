// SPDX-License-Identifier: Apache-2.0
//
// See backtrace.hpp.
#include "kernel/backtrace.hpp"

#include "kernel/silo_reader.hpp"

namespace kernel {

namespace {

constexpr unsigned kFramePointer = 29;
constexpr std::uint64_t kRecordBytes = 16;

}  // namespace

StackWalk::StackWalk(const Silo& silo, const Thread& thread)
    : silo_(&silo), frame_(thread.general[kFramePointer]), end_(End::Open) {
  // The stack pointer starts at the end of the stack's region, which is not in it any more.
  const std::uint64_t top = thread.initial_stack_pointer().value();
  stack_ = top == 0 ? nullptr : silo.region_at(base::SiloAddress(top - 1));
  if (stack_ == nullptr || stack_->access != port::Access::ReadWrite) {
    end_ = End::NoStack;
    return;
  }
  lowest_ = stack_->range.start().value();
}

std::optional<std::uint64_t> StackWalk::next() {
  if (end_ != End::Open) return {};
  if (frame_ == 0) {
    end_ = End::Outermost;
    return {};
  }
  if (depth_ == kFramesMaximum) {
    end_ = End::TooDeep;
    return {};
  }
  // The end of a region is below 2^48, so nothing here wraps.
  const std::uint64_t last = stack_->range.end().value() - kRecordBytes;
  if (frame_ % kRecordBytes != 0 || frame_ < lowest_ || frame_ > last) {
    end_ = End::Astray;
    return {};
  }
  std::uint64_t record[2] = {};
  // A record is aligned to its size, so it lies in one page.
  if (!read_own_memory(*silo_, base::SiloAddress(frame_), std::as_writable_bytes(std::span(record)))) {
    end_ = End::Unreadable;
    return {};
  }
  ++depth_;
  lowest_ = frame_ + kRecordBytes;
  frame_ = record[0];
  if (record[1] != 0) return record[1];
  end_ = End::Outermost;
  return {};
}

std::string_view StackWalk::end_in_words() const {
  switch (end_) {
    case End::Open:
    case End::Outermost: return "the outermost";
    case End::TooDeep: return "there are more, which are left out";
    case End::NoStack: return "the thread has no stack to look into";
    case End::Astray: return "the frame pointer leads out of the stack, or back: no further";
    case End::Unreadable: return "the stack cannot be read";
  }
  return "";
}

}  // namespace kernel
