// SPDX-License-Identifier: Apache-2.0
//
// Tokens: proof, as a parameter, that the caller is in a certain situation. They are empty and cost nothing; each can
// be made only by the code that creates the situation, which names itself as a friend here.
#pragma once

namespace port {
struct EntryTokens;
}

namespace base {

/// Interrupts are masked on this core and stay so while the token lives. Every kernel entry is such a situation
/// (design 2.6).
class InterruptsMasked {
 public:
  InterruptsMasked(const InterruptsMasked&) = default;

 private:
  constexpr InterruptsMasked() = default;
  friend struct TokenSource;
};

/// The only maker of tokens. Used at the edges: kernel entries, boot, and tests.
struct TokenSource {
  /// SAFETY: only where interrupts are in fact masked: the vectors mask them, boot never unmasks them.
  static constexpr InterruptsMasked interrupts_masked() { return InterruptsMasked(); }
};

}  // namespace base
