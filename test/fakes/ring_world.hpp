// SPDX-License-Identifier: Apache-2.0
//
// A ring with its chunks, as the kernel would make it out of a pool.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <memory>

#include "ipc/async_ring.hpp"

namespace fakes {

class RingWithChunks {
 public:
  explicit RingWithChunks(std::uint32_t capacity) {
    for (std::uint32_t i = 0; i < ipc::AsyncRing::chunks_needed(capacity).value(); ++i) {
      owned_.push_back(std::make_unique<ipc::AsyncChunk>());
      chunks_.push_back(owned_.back().get());
    }
    ring_ = std::make_unique<ipc::AsyncRing>(chunks_, capacity);
  }
  ipc::AsyncRing& operator*() { return *ring_; }
  ipc::AsyncRing* operator->() { return ring_.get(); }
  const std::vector<ipc::AsyncChunk*>& chunks() const { return chunks_; }

 private:
  std::vector<std::unique_ptr<ipc::AsyncChunk>> owned_;
  std::vector<ipc::AsyncChunk*> chunks_;
  std::unique_ptr<ipc::AsyncRing> ring_;
};

}  // namespace fakes
