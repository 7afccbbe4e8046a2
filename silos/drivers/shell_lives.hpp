// SPDX-License-Identifier: Apache-2.0
//
// What the shell does to a silo: end it, start it, restart it, give it another image; and what it says of that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <granary/granary.hpp>
#include "shell_words.hpp"

namespace drivers {

/// printf to the screen.
using Say = void (*)(const char* format, ...);

inline void stop_silo(const granary::System& system, std::uint32_t silo, const char* name, Say say) {
  const granary::Result<void> done = system.kill(silo);
  if (done.ok()) return say("%s is stopped\n", name);
  if (done.error() == granary::kNotFound) return say("%s has stopped already\n", name);
  say("%s cannot be stopped: %s\n", name, done.error().message());
}

/// `restarts`: also if it runs.
inline void start_silo(const granary::System& system, std::uint32_t silo, const char* name, bool restarts, Say say) {
  const granary::Result<void> done = restarts ? system.restart(silo) : system.start(silo);
  if (!done && done.error() == granary::kExists) return say("%s runs already\n", name);
  if (!done) return say("%s does not start: %s\n", name, done.error().message());
  const granary::Result<granary::SiloLife> life = system.life(silo);
  say("%s runs, restart %u since boot\n", name, life ? static_cast<unsigned>(life->restarts) : 0u);
}

/// A silo's images, by name.
class Images {
 public:
  using Names = std::span<const granary::NamedImage>;
  Images(Names names, std::uint32_t silo) : names_(names), silo_(silo) {}

  /// Of that name or number; nothing if it has none.
  std::optional<std::uint32_t> find(std::string_view word, std::uint32_t count) const {
    std::uint32_t number = 0;
    if (read_number(word, number)) return number < count ? std::optional(number) : std::nullopt;
    for (const granary::NamedImage& image : names_)
      if (image.image.silo == silo_ && word == image.name) return image.image.number;
    return std::nullopt;
  }
  const char* name(std::uint32_t number) const {
    for (const granary::NamedImage& image : names_)
      if (image.image.silo == silo_ && image.image.number == number) return image.name;
    return "?";
  }

 private:
  Names names_;
  std::uint32_t silo_;
};

/// With the image of that name or number, or with the last of the manifest if it is empty.
inline void replace_silo(const granary::System& system, std::uint32_t silo, const char* name, std::string_view word,
                         const Images& images, Say say) {
  const granary::Result<granary::SiloLife> before = system.life(silo);
  if (!before || before->images < 2) return say("%s has no other image\n", name);
  const std::optional<std::uint32_t> image = word.empty() ? before->images - 1 : images.find(word, before->images);
  if (!image.has_value()) {
    say("%s has no image `%.*s`; it has", name, static_cast<int>(word.size()), word.data());
    for (std::uint32_t i = 0; i < before->images; ++i) say("%s %s", i == 0 ? "" : ",", images.name(i));
    return say("\n");
  }
  const granary::Result<void> done = system.replace({silo, *image});
  const char* const old = images.name(before->image);
  if (!done && done.error() == granary::kDamaged)
    return say("image %s of %s is damaged; it goes on with image %s\n", images.name(*image), name, old);
  if (!done) return say("%s does not start: %s\n", name, done.error().message());
  say("%s runs image %s, before it was %s\n", name, images.name(*image), old);
}

}  // namespace drivers
