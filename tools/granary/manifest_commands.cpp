// SPDX-License-Identifier: Apache-2.0
//
// Commands over a manifest and over programs that are built: check, header, makefile, image, graph, report.
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "tools/granary/commands.hpp"
#include "tools/granary/generate.hpp"
#include "tools/granary/heaps.hpp"
#include "tools/granary/home.hpp"
#include "tools/granary/image.hpp"
#include "tools/granary/manifest_keys.hpp"
#include "tools/granary/project.hpp"
#include "tools/granary/stack_bounds.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

struct Options {
  std::string manifest = "system.toml", silo, output, folder, board, page;
  bool json = false, dot = false;
};

Manifest load(const std::string& file, Diagnostics& diagnostics, ProgramFiles files) {
  Manifest manifest = read_manifest(manifest_named(file), diagnostics);
  if (!diagnostics.failed()) check_manifest(manifest, diagnostics, files);
  return manifest;
}

void check(const Options& options, const Manifest& manifest, Diagnostics& diagnostics) {
  if (!diagnostics.failed()) warn_about(manifest, diagnostics);
  if (options.json) {
    std::cout << diagnostics.json();
  } else if (!diagnostics.failed()) {
    std::cout << options.manifest << ": sound: " << manifest.silos.size() << " silos, " << manifest.ports.size()
              << " ports, " << manifest.channels.size() << " channels\n";
  }
}

void header(const Options& options, const Manifest& manifest, Diagnostics& diagnostics) {
  const Silo* silo = manifest.find_silo(options.silo);
  if (silo == nullptr)
    return diagnostics.error({options.manifest, 0}, "there is no silo `" + options.silo + "`",
                             "the silos are " + list(manifest.silo_names()));
  const bool is_c = options.output.ends_with(".h");
  write_text(options.output, is_c ? c_header(manifest, *silo) : cpp_header(manifest, *silo), diagnostics);
}

void rules(const Options& options, const Manifest& manifest, Diagnostics& diagnostics) {
  warn_about(manifest, diagnostics);
  std::error_code ignored;  // writing tells
  std::filesystem::create_directories(options.folder, ignored);
  write_text(options.folder + "/system.mk", makefile(manifest, options.folder, own_program().string()), diagnostics);
}

void image(const Options& options, const Manifest& manifest, Diagnostics& diagnostics) {
  const std::vector<Layout> layouts = read_layouts(manifest, options.folder, diagnostics);
  if (!diagnostics.failed()) check_stacks(manifest, stack_bounds(manifest, options.folder), diagnostics);
  if (diagnostics.failed()) return;
  const std::vector<std::uint8_t> bytes = make_image(manifest, layouts);
  check_image_size(bytes.size(), options.board, {options.manifest, 0}, diagnostics);
  if (diagnostics.failed()) return;
  warn_about_heaps(manifest, options.folder, diagnostics);
  const std::string text(bytes.begin(), bytes.end());
  if (write_bytes(options.output, text.data(), text.size(), diagnostics) && std::getenv("GRANARY_QUIET") == nullptr)
    std::cout << size_table(manifest, layouts, bytes.size());
}

/// A graph, which needs no programs.
int picture(const Options& options) {
  Diagnostics diagnostics;
  const std::filesystem::path file = options.output;
  const bool is_dot = options.dot || file.extension() == ".dot" || file.extension() == ".gv";
  if (!is_dot && file.has_extension() && file.extension() != ".svg")
    diagnostics.error({"granary", 0},
                      "a graph is an SVG picture or text for Graphviz, not " + ticked(file.extension().string()),
                      "-o graph.svg, or -o graph.dot and `dot` of Graphviz makes other pictures of it");
  if (diagnostics.failed()) return finish(diagnostics), kBadCommandLine;
  const Manifest manifest = read_manifest(manifest_named(options.manifest), diagnostics);
  if (!diagnostics.failed() && check_manifest(manifest, diagnostics, ProgramFiles::MayBeMissing))
    write_product(options.output, manifest.system + (is_dot ? ".dot" : ".svg"),
                  is_dot ? dot_graph(manifest) : graph(manifest), diagnostics);
  return finish(diagnostics);
}

int print_reference(const std::string& page) {
  if (page.empty()) {
    std::string_view before = "none";
    for (const ManifestKey& row : manifest_keys()) {
      if (row.table != before)
        std::cout << "\n## " << (row.table.empty() ? "the top" : row.table) << "\n\n" << reference_of(row.table);
      before = row.table;
    }
    return 0;
  }
  Diagnostics diagnostics;
  std::ostringstream text;
  text << std::ifstream(page, std::ios::binary).rdbuf();
  write_text(page, with_reference(text.str()), diagnostics);
  return finish(diagnostics);
}

using Use = void (*)(const Options&, const Manifest&, Diagnostics&);

/// A command that reads a manifest; `use` is called if it is sound, or, for who looks at a design, in any case.
CLI::App* add(CLI::App& app, Commands& commands, const char* name, const char* text,
              const std::shared_ptr<Options>& options, Use use, bool is_design = false) {
  CLI::App* sub = app.add_subcommand(name, text);
  sub->add_option("SYSTEM", options->manifest, "the manifest, a .toml file; system.toml if none is named");
  commands.push_back({sub, [options, use, is_design] {
                        Diagnostics diagnostics;
                        const Manifest manifest = load(options->manifest, diagnostics,
                                                       is_design ? ProgramFiles::MayBeMissing : ProgramFiles::Needed);
                        if (is_design || !diagnostics.failed()) use(*options, manifest, diagnostics);
                        return options->json ? (diagnostics.failed() ? kRefused : 0) : finish(diagnostics);
                      }});
  return sub;
}

}  // namespace

void add_manifest_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = add(app, commands, "check", "says whether the manifest is sound", options, check, true);
  sub->add_flag("--json", options->json, "for a program: every refusal and warning, as JSON on standard output");

  sub = app.add_subcommand("graph", "a picture (SVG) of the silos and of who may reach whom; wait cycles are red");
  sub->add_option("SYSTEM", options->manifest, "the manifest, a .toml file; system.toml if none is named");
  commands.push_back({sub, [options] { return picture(*options); }});
  sub->add_flag("--dot", options->dot, "for Graphviz instead");
  sub->add_option("-o,--output", options->output,
                  "file; if not given, NAME.svg here if standard output is a terminal, else standard output");

  sub = add(app, commands, "header", "writes the handles of one silo as a header for C++ (.hpp) or C (.h)", options,
            header);
  sub->add_option("--silo", options->silo, "name of the silo")->required();
  sub->add_option("-o,--output", options->output, "file; standard output if not given");

  sub = app.add_subcommand("manifest-reference", "every key of a manifest, from the table that the reader uses");
  sub->add_option("--page", options->page, "puts it into this page, between its marks, instead of printing it");
  commands.push_back({sub, [options] { return print_reference(options->page); }});

  sub = add(app, commands, "makefile", "writes system.mk, the make rules that build the system", options, rules);
  sub->add_option("-o,--output", options->folder, "folder for everything that is built")->required();

  sub = add(app, commands, "image", "makes the system image of programs that are built", options, image);
  sub->add_option("--elf-dir", options->folder, "folder with SILO/SILO.elf for each silo")->required();
  sub->add_option("-o,--output", options->output, "the system image")->required();
  sub->add_option("--board", options->board, "also check what this board can load")
      ->check(CLI::IsMember({"virt", "raspi4b"}));
}

}  // namespace tool
