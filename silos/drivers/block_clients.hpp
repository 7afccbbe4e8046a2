// SPDX-License-Identifier: Apache-2.0
//
// The block driver's clients: by badge, each with a window. The windows are the driver's own regions, so that no client
// can take one away while the driver copies: what a client gets of it can neither be revoked by it nor passed on, and
// stays when it dies.
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
  /// A new window; one that this client had before is given up. An empty handle if there is no room.
  granary::Region open(std::uint64_t badge) {
    forget(badge);
    auto place = find(kNobody);
    if (place == clients_.end()) {
      reclaim();
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
  void forget(std::uint64_t badge) {
    if (const auto client = find(badge); badge != kNobody && client != clients_.end()) give_up(*client);
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
  /// A window that only the driver has mapped belongs to a client that has died, or does not use it.
  void reclaim() {
    for (Client& client : clients_) {
      const granary::Result<granary::RegionInfo> info = client.region.info();
      if (info && info->mappings == info->mappings_here) give_up(client);
    }
  }
  static void give_up(Client& client) {
    client.region.close().ignore();  // the mapping with it
    client = {};
  }

  std::array<Client, kMost> clients_{};
};

}  // namespace drivers
