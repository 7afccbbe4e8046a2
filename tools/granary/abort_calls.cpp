// SPDX-License-Identifier: Apache-2.0
//
// See abort_calls.hpp.
#include "tools/granary/abort_calls.hpp"

#include <charconv>

#include "tools/granary/text.hpp"

namespace tool {

namespace {

constexpr std::string_view kAborted = "] aborted at ";
constexpr std::string_view kSilo = "granary: silo ";
constexpr std::string_view kEnded = " has ended with status 134";
constexpr std::string_view kImage = " gets image ";
constexpr std::size_t kCallsMaximum = 16;

std::vector<std::uint64_t> addresses_in(std::string_view text) {
  std::vector<std::uint64_t> addresses;
  while (text.starts_with("0x") && addresses.size() < kCallsMaximum) {
    text.remove_prefix(2);
    std::uint64_t address = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), address, 16);
    if (error != std::errc{}) break;
    addresses.push_back(address);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  return addresses;
}

}  // namespace

std::optional<Abort> AbortCalls::take(std::string_view line) {
  if (line.starts_with('[')) {
    const std::size_t end = line.find(kAborted);
    if (end == line.npos || !is_symbol(line.substr(1, end - 1))) return {};
    said_[std::string(line.substr(1, end - 1))] = addresses_in(line.substr(end + kAborted.size()));
    return {};
  }
  if (!line.starts_with(kSilo)) return {};
  line.remove_prefix(kSilo.size());
  if (const std::size_t end = line.find(kImage); end != line.npos && is_symbol(line.substr(0, end))) {
    const std::string_view rest = line.substr(end + kImage.size());
    const std::string_view image = rest.substr(0, rest.find(','));
    images_[std::string(line.substr(0, end))] = is_symbol(image) && image != "main" ? "/" + std::string(image) : "";
    return {};
  }
  if (!line.ends_with(kEnded)) return {};
  line.remove_suffix(kEnded.size());
  const auto found = said_.find(line);
  if (found == said_.end()) return {};
  Abort abort{std::string(line), std::string(line), std::move(found->second)};
  said_.erase(found);
  if (const auto image = images_.find(line); image != images_.end()) abort.program += image->second;
  return abort;
}

}  // namespace tool
