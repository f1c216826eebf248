package io.podlb.e2e.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.ObjectMapper;

/** Prints a table for each workload as soon as it is done, and keeps every raw sample for a JSON file. */
final class Report {

    private static final String NONE = "-";

    private final PrintStream out;
    private final Map<String, Object> environment;
    private final List<Object> tables = new ArrayList<>();

    Report(PrintStream out, Map<String, Object> environment) {
        this.out = out;
        this.environment = environment;
        environment.forEach((name, value) -> out.printf("%-14s %s%n", name, value));
    }

    /** A line for people that is not kept. */
    void note(String line) {
        out.println(line);
    }

    /**
     * Prints one table, a row for each candidate.
     *
     * @param warmUps samples that no figure was taken from, by the name of the candidate
     * @param compared the figure that the last column gives as a multiple of the reference's
     * @param reference name of the candidate that others are compared to
     */
    <T> void table(
            String title,
            List<Figure> figures,
            Rounds<T> rounds,
            Function<T, String> name,
            Map<String, List<Sample>> warmUps,
            Comparison compared) {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        rounds.samples().forEach((candidate, taken) -> samples.put(name.apply(candidate), taken));
        Optional<Summary> base = Summary.of(samples.getOrDefault(compared.reference(), List.of()), compared.figure());
        List<String> header = new ArrayList<>(List.of(""));
        figures.forEach(figure -> header.add(figure.name()));
        base.ifPresent(summary -> header.add(compared.figure().name() + " / " + compared.reference()));
        List<List<String>> rows = new ArrayList<>(List.of(header));
        samples.forEach((candidate, taken) -> {
            List<String> row = new ArrayList<>(List.of(candidate));
            figures.forEach(figure -> row.add(cell(Summary.of(taken, figure), figure)));
            base.ifPresent(summary -> row.add(Summary.of(taken, compared.figure())
                    .map(own -> String.format(Locale.ROOT, "%.2f", own.median() / summary.median()))
                    .orElse(NONE)));
            rows.add(row);
        });
        out.printf("%n%s%n", title);
        print(rows);
        tables.add(Map.of("title", title, "samples", values(samples), "warmUps", values(warmUps)));
    }

    /** Two figures of one table set against each other. */
    record Comparison(Figure figure, String reference) {}

    private static String cell(Optional<Summary> summary, Figure figure) {
        return summary.map(value -> String.format(
                        Locale.ROOT, "%,." + figure.decimals() + "f ±%.0f%%", value.median(), value.spreadPercent()))
                .orElse(NONE);
    }

    private void print(List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String format = i == 0 ? "  %-" + widths[i] + "s" : "  %" + widths[i] + "s";
                line.append(String.format(format, row.get(i)));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static Map<String, List<Map<String, Double>>> values(Map<String, List<Sample>> samples) {
        Map<String, List<Map<String, Double>>> values = new LinkedHashMap<>();
        samples.forEach((name, taken) ->
                values.put(name, taken.stream().map(Sample::values).toList()));
        return values;
    }

    /** Writes everything: the environment, and each table with its raw samples. */
    void write(Path file) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("environment", environment);
        all.put("tables", tables);
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), all);
    }
}
