// SPDX-License-Identifier: Apache-2.0
//
// Rights and types in words, for reports (report.hpp).
#include "tools/granary/report.hpp"

namespace tool {

std::vector<std::string> rights_words(std::uint64_t rights) {
  std::vector<std::string> words;
#define RIGHT(name, bit, type, about) \
  if ((rights >> (bit)&1) != 0) words.emplace_back(#name);
#include "ipc/abi/rights.def"
#undef RIGHT
  return words;
}

std::string type_word(abi::ObjectType type) {
  switch (type) {
    case abi::ObjectType::Port: return "port";
    case abi::ObjectType::Channel: return "channel";
    case abi::ObjectType::Console: return "console";
    case abi::ObjectType::Silo: return "silo";
    case abi::ObjectType::System: return "system";
    case abi::ObjectType::AsyncChannel: return "async";
    case abi::ObjectType::Notification: return "notification";
    case abi::ObjectType::Semaphore: return "semaphore";
    case abi::ObjectType::Region: return "region";
    case abi::ObjectType::Timer: return "timer";
    case abi::ObjectType::Audit: return "audit";
    case abi::ObjectType::Trace: return "trace";
    case abi::ObjectType::Interrupt: return "interrupt";
    case abi::ObjectType::None: break;
  }
  return "";
}

}  // namespace tool
