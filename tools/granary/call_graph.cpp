// SPDX-License-Identifier: Apache-2.0
//
// Functions, frames and calls out of a disassembly (stack_bounds.hpp). Everything that a function takes from SP counts,
// also where it does so on different ways: too much rather than too little.
#include <cstdlib>
#include <optional>
#include <sstream>

#include "tools/granary/stack_bounds.hpp"

namespace tool {
namespace {

std::uint64_t hexadecimal_at(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 16); }

/// "#0x10, lsl #12" and "#-32]!": the number.
std::optional<std::int64_t> immediate_in(const std::string& text) {
  const std::size_t at = text.find('#');
  if (at == std::string::npos) return std::nullopt;
  const std::int64_t number = std::strtoll(text.c_str() + at + 1, nullptr, 0);
  return text.find("lsl #12") != std::string::npos ? number * 4096 : number;
}

struct Instruction {
  std::string name, operands;
};

/// "   10004:\tsub\tsp, sp, #0x290"
std::optional<Instruction> instruction_in(const std::string& line) {
  const std::size_t first = line.find(":\t");
  if (first == std::string::npos) return std::nullopt;
  const std::size_t second = line.find('\t', first + 2);
  if (second == std::string::npos) return Instruction{line.substr(first + 2), ""};
  return Instruction{line.substr(first + 2, second - first - 2), line.substr(second + 1)};
}

}  // namespace

CallGraph::CallGraph(const std::string& disassembly, const std::vector<std::uint64_t>& words_of_data) {
  std::istringstream input(disassembly);
  Function* own = nullptr;
  std::map<std::string, std::uint64_t> pages;  // register: the page that adrp put into it
  std::set<std::uint64_t> addresses(words_of_data.begin(), words_of_data.end());
  std::int64_t probed = 0;  // what a loop that touches every page goes down to
  std::map<std::uint64_t, std::vector<std::uint64_t>> jumps;
  std::uint64_t start = 0;
  for (std::string line; std::getline(input, line);) {
    if (line.size() > 18 && line.ends_with(">:")) {  // "0000000000010000 <_start>:"
      start = hexadecimal_at(line);
      own = &functions_[start];
      own->name = line.substr(18, line.size() - 20);
      pages.clear();
      probed = 0;
      continue;
    }
    const auto instruction = own == nullptr ? std::nullopt : instruction_in(line);
    if (!instruction) continue;
    const auto& [name, operands] = *instruction;
    const std::string target = operands.substr(0, operands.find(','));
    if (name == "sub" && operands.starts_with("sp, sp, ")) {
      if (const auto bytes = immediate_in(operands)) {
        own->frame += static_cast<std::uint64_t>(*bytes);
      } else {
        own->is_variable = true;
      }
    } else if (name == "sub" && operands.find(", sp, #") != std::string::npos) {
      probed = immediate_in(operands).value_or(0);
    } else if (name == "cmp" && operands.starts_with("sp, x") && probed != 0) {
      own->frame += static_cast<std::uint64_t>(probed);
      probed = 0;
    } else if (operands.ends_with("]!") && operands.find("[sp, #-") != std::string::npos) {
      if (const auto bytes = immediate_in(operands.substr(operands.find("[sp"))))
        own->frame += static_cast<std::uint64_t>(-*bytes);
    } else if (name == "bl") {
      own->calls.insert(hexadecimal_at(operands));
    } else if (name == "blr" || (name == "br" && target != "x30")) {
      own->calls_pointers = true;
    } else if (name == "b" || name.starts_with("b.") || name.starts_with("cb") || name.starts_with("tb")) {
      const std::size_t last = operands.rfind(", ");
      jumps[start].push_back(hexadecimal_at(last == std::string::npos ? operands : operands.substr(last + 2)));
    } else if (name == "adrp") {
      pages[target] = hexadecimal_at(operands.substr(operands.find(", ") + 2));
    } else if (name == "add" && pages.contains(target) && operands.find('#') != std::string::npos) {
      addresses.insert(pages[target] + static_cast<std::uint64_t>(immediate_in(operands).value_or(0)));
    }
  }
  for (const auto& [from, targets] : jumps)
    for (const std::uint64_t to : targets)
      if (to != from && functions_.contains(to)) functions_[from].calls.insert(to);
  for (const std::uint64_t address : addresses)
    if (functions_.contains(address)) taken_.insert(address);
}

}  // namespace tool
