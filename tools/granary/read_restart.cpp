// SPDX-License-Identifier: Apache-2.0
//
// Reading and checking restarts (read_restart.hpp).
#include "tools/granary/read_restart.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/granary/text.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

struct ModeWord {
  std::string_view text;
  abi::RestartMode mode;
};
constexpr std::array kModes{ModeWord{"never", abi::RestartMode::Never}, ModeWord{"always", abi::RestartMode::Always},
                            ModeWord{"limited", abi::RestartMode::Limited},
                            ModeWord{"supervised", abi::RestartMode::Supervised}};
struct StateWord {
  std::string_view text;
  abi::SafeState state;
};
constexpr std::array kStates{StateWord{"stay_down", abi::SafeState::StayDown},
                             StateWord{"stop_group", abi::SafeState::StopGroup},
                             StateWord{"reset", abi::SafeState::ResetBoard}};

/// Microseconds: what a silo in a loop of crashes takes of its core is bounded by that.
constexpr unsigned kDefaultBackoff = 10'000;

constexpr const char* kLimitedExample = "restart = { policy = \"limited\", limit = 5, period = \"10 s\" }";

/// Nothing, and that is said, if there is no such mode.
std::optional<abi::RestartMode> mode_of(const std::string& word, TomlTable& table, std::string_view key) {
  std::vector<std::string> words;
  for (const ModeWord& known : kModes) {
    if (known.text == word) return known.mode;
    words.emplace_back(known.text);
  }
  const auto meant = nearest(word, words);
  table.diagnostics().error(table.at(key), "`" + std::string(key) + "` of " + table.what() + " is `" + word + "`",
                            (meant ? "did you mean \"" + *meant + "\"? " : "") +
                                "it is \"never\", \"always\", \"limited\" or \"supervised\"");
  return {};
}

void read_table(TomlTable& table, Restart& restart) {
  const auto mode = mode_of(table.string("policy", "policy = \"always\"").value_or("always"), table, "policy");
  restart.mode = mode.value_or(abi::RestartMode::Never);
  restart.limit = static_cast<unsigned>(table.integer("limit", 1, abi::kRestartLimitMaximum).value_or(0));
  restart.period = static_cast<unsigned>(table.time("period", 1000, abi::kRestartPeriodMaximum).value_or(0));
  restart.backoff =
      static_cast<unsigned>(table.time("backoff", 0, abi::kRestartBackoffMaximum).value_or(kDefaultBackoff));
  if (const auto word = table.string("then", "then = \"stay_down\"")) {
    const auto* const found =
        std::find_if(kStates.begin(), kStates.end(), [&](const StateWord& known) { return known.text == *word; });
    if (found != kStates.end()) {
      restart.then = found->state;
    } else {
      table.diagnostics().error(table.at("then"), "`then` of " + table.what() + " is `" + *word + "`",
                                "behind its limit a silo can \"stay_down\", \"stop_group\" or \"reset\" the board");
    }
  }
  if (restart.mode == abi::RestartMode::Never) restart.backoff = 0;
  if (!mode) return;  // what else is there may be right with the one that was meant
  const bool is_limited = restart.mode == abi::RestartMode::Limited;
  if (is_limited && (!table.has("limit") || !table.has("period")))
    table.diagnostics().error(table.at("policy"), table.what() + " is limited, but not by how many in which time",
                              std::string("write both: ") + kLimitedExample);
  for (const char* const key : {"limit", "period", "then"}) {
    if (!is_limited && table.has(key))
      table.diagnostics().error(table.at(key),
                                table.what() + " has " + ticked(key) + ", but its policy is not \"limited\"",
                                std::string("write it so: ") + kLimitedExample);
  }
  if (restart.mode == abi::RestartMode::Never && table.has("backoff"))
    table.diagnostics().error(table.at("backoff"), table.what() + " has a `backoff`, but it never restarts",
                              "leave it out, or choose another policy");
}

}  // namespace

Restart read_restart(TomlTable& silo) {
  Restart restart{.at = silo.at("restart")};
  if (silo.is_table("restart")) {
    silo.table("restart", "the restart of " + silo.what(), [&](TomlTable& table) { read_table(table, restart); });
  } else if (const auto word = silo.string("restart", "restart = \"always\"")) {
    restart.mode = mode_of(*word, silo, "restart").value_or(abi::RestartMode::Never);
    if (restart.mode != abi::RestartMode::Never) restart.backoff = kDefaultBackoff;
    if (restart.mode == abi::RestartMode::Limited) {
      silo.diagnostics().error(silo.at("restart"), silo.what() + " is limited, but not by how many in which time",
                               std::string("write both: ") + kLimitedExample);
      restart.mode = abi::RestartMode::Never;
    }
  }
  restart.group = silo.string("group", "group = \"drivers\"").value_or("");
  restart.group_at = silo.at("group");
  return restart;
}

unsigned group_of(const Manifest& manifest, const Silo& silo) {
  std::map<std::string, unsigned> numbers;
  if (silo.restart.group.empty()) return 0;
  for (const Silo& other : manifest.silos)
    if (!other.restart.group.empty())
      numbers.try_emplace(other.restart.group, static_cast<unsigned>(numbers.size()) + 1);
  return numbers.at(silo.restart.group);
}

void check_restarts(const Manifest& manifest, Diagnostics& diagnostics) {
  std::map<std::string, unsigned> sizes;
  for (const Silo& silo : manifest.silos)
    if (!silo.restart.group.empty()) ++sizes[silo.restart.group];
  for (const Silo& silo : manifest.silos) {
    const Restart& restart = silo.restart;
    if (restart.group.empty()) {
      if (restart.then == abi::SafeState::StopGroup)
        diagnostics.error(restart.at, "silo `" + silo.name + "` stops its group behind its limit, but is in none",
                          "give it and those that stop with it the same group = \"NAME\"");
      continue;
    }
    if (sizes[restart.group] == 1)
      diagnostics.error(restart.group_at, "silo `" + silo.name + "` is alone in group `" + restart.group + "`",
                        "those of a group restart together: write the same name at another silo, or leave it out");
  }
  if (sizes.size() > abi::kRestartGroupsMaximum)
    diagnostics.error({manifest.file.string(), 0},
                      "there are " + std::to_string(sizes.size()) + " groups of silos, and at most " +
                          std::to_string(abi::kRestartGroupsMaximum) + " are possible",
                      "put silos that depend on each other into one group");
}

}  // namespace tool
