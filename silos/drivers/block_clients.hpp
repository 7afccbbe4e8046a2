// SPDX-License-Identifier: Apache-2.0
//
// The block driver's clients: by badge, each with a window. The windows are the driver's own regions, so that no client
// can take one away while the driver copies: what a client gets of it can neither be revoked by it nor passed on, and
// stays when it dies. A client has one window, however often it asks, and what is given up is revoked first: so nobody
// can keep memory that the driver pays for by keeping a handle.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <granary/granary.hpp>

#include "block_protocol.hpp"

namespace drivers {

class BlockClients {
 public:
  static constexpr std::size_t kMost = 4;

  /// A client's window, of the driver's side; empty if it has none.
  std::span<std::byte> window(std::uint64_t badge) const {
    const auto client = find(badge);
    return client == clients_.end() ? std::span<std::byte>() : client->window;
  }
  /// The client's window: the one that it has mapped, or a new one. An empty handle if there is no room.
  granary::Region open(std::uint64_t badge) {
    forget_unused(badge);
    if (const auto client = find(badge); client != clients_.end()) return client->region;
    auto place = find(kNobody);
    if (place == clients_.end()) {
      for (Client& client : clients_) forget_unused(client.badge);
      place = find(kNobody);
    }
    if (place == clients_.end()) return {};
    const granary::Result<granary::Region> region = granary::Region::create(kWindowBytes / granary::Region::kPageBytes);
    if (!region) return {};
    const granary::Result<std::span<std::byte>> window = region->map(granary::read_write);
    if (!window) {
      region->close().ignore();
      return {};
    }
    *place = {badge, *region, *window};
    return *region;
  }
  /// Gives the client's window up if nobody but the driver has it mapped: it has died, or does not use it.
  void forget_unused(std::uint64_t badge) {
    const auto client = find(badge);
    if (badge == kNobody || client == clients_.end()) return;
    const granary::Result<granary::RegionInfo> info = client->region.info();
    if (!info || info->mappings != info->mappings_here) return;
    static_cast<void>(client->region.revoke());  // how many those were does not matter
    client->region.close().ignore();             // the mapping with it
    *client = {};
  }

 private:
  static constexpr std::uint64_t kNobody = 0;  // no client has this badge
  struct Client {
    std::uint64_t badge = kNobody;
    granary::Region region;
    std::span<std::byte> window;
  };

  std::array<Client, kMost>::const_iterator find(std::uint64_t badge) const {
    return std::find_if(clients_.begin(), clients_.end(), [&](const Client& client) { return client.badge == badge; });
  }
  std::array<Client, kMost>::iterator find(std::uint64_t badge) {
    return std::find_if(clients_.begin(), clients_.end(), [&](const Client& client) { return client.badge == badge; });
  }
  std::array<Client, kMost> clients_{};
};

}  // namespace drivers
