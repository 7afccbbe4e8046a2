// SPDX-License-Identifier: Apache-2.0
//
// What the shell does to a silo: end it, start it, restart it, give it another image; and what it says of that.
#pragma once

#include <cinttypes>

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

/// With the image of that number, or with the last of the manifest if it is empty.
inline void replace_silo(const granary::System& system, std::uint32_t silo, const char* name, std::string_view number,
                         Say say) {
  const granary::Result<granary::SiloLife> before = system.life(silo);
  if (!before || before->images < 2) return say("%s has no other image\n", name);
  const unsigned last = before->images - 1, old = before->image;
  std::uint32_t image = last;
  if (!number.empty() && !read_number(number, image)) return say("an image is a number, 0 to %u\n", last);
  const granary::Result<void> done = system.replace(silo, image);
  if (!done && done.error() == granary::kInvalidArgument) return say("%s has images 0 to %u\n", name, last);
  if (!done && done.error() == granary::kDamaged)
    return say("image %" PRIu32 " of %s is damaged; it goes on with image %u\n", image, name, old);
  if (!done) return say("%s does not start: %s\n", name, done.error().message());
  say("%s runs image %" PRIu32 ", before it was %u\n", name, image, old);
}

}  // namespace drivers
