// SPDX-License-Identifier: Apache-2.0
//
// Starting and awaiting programs (process.hpp).
#include "tools/granary/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tool {
namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// `output`: where standard output and standard error go; -1: where ours go.
pid_t start(const std::vector<std::string>& words, const Environment& more, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  for (const auto& [name, value] : more) {
    if (value.empty()) {
      unsetenv(name.c_str());
    } else {
      setenv(name.c_str(), value.c_str(), 1);
    }
  }
  if (output >= 0) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
  }
  execvp(arguments[0], arguments.data());
  std::fprintf(stderr, "granary: error: %s cannot be started\n  remedy: install it, or put it into the PATH\n",
               arguments[0]);
  _exit(kCannotStart);
}

int await(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int run_in_terminal(const std::vector<std::string>& words, const Environment& more) {
  const pid_t child = start(words, more, -1);
  if (child < 0) return kCannotStart;
  // Ctrl-C is for the program in front; what it makes of it is its exit status.
  const auto before = std::signal(SIGINT, SIG_IGN);
  const int status = await(child);
  std::signal(SIGINT, before);
  return status;
}

Output capture_program(const std::vector<std::string>& words, const std::string& what, const Environment& more) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {kCannotStart, "there is no pipe to be had\n"};
  const pid_t child = start(words, more, ends[1]);
  close(ends[1]);
  Output output;
  if (child > 0) {
    Progress progress(what);
    char buffer[4096];
    for (;;) {
      pollfd ready{ends[0], POLLIN, 0};
      const int count = poll(&ready, 1, 200);
      progress.step();
      if (count < 0 && errno != EINTR) break;
      if (count <= 0) continue;
      const ssize_t length = read(ends[0], buffer, sizeof buffer);
      if (length <= 0) break;
      output.text.append(buffer, static_cast<std::size_t>(length));
    }
    output.status = await(child);
  } else {
    output.status = kCannotStart;
  }
  close(ends[0]);
  return output;
}

Progress::Progress(std::string what)
    : what_(std::move(what)), started_(seconds()), terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_ > 0 && terminal_) std::fprintf(stderr, "\r\x1b[K");
}

void Progress::step(const std::string& more) {
  const double now = seconds();
  if (now - started_ < 1 || (shown_ > 0 && (!terminal_ || now - shown_ < 0.2))) return;
  shown_ = now;
  if (terminal_) {
    std::fprintf(stderr, "\r\x1b[K%s ... %.0f s%s%s", what_.c_str(), now - started_, more.empty() ? "" : ", ",
                 more.c_str());
  } else {
    std::fprintf(stderr, "%s ...\n", what_.c_str());
  }
}

}  // namespace tool
