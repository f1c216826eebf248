package io.podlb.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end, within a minute unless more is allowed. */
public record Shell(int exit, String out, String err) {

    public static Shell run(String... command) {
        return run(List.of(command));
    }

    public static Shell run(List<String> command) {
        return run(command, 60);
    }

    public static Shell run(List<String> command, int seconds) {
        try {
            Path out = Files.createTempFile("podlb", ".out");
            Path err = Files.createTempFile("podlb", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException(
                            String.join(" ", command) + " did not end within " + seconds + " s");
                }
                return new Shell(process.exitValue(), text(out), text(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Runs a command that must succeed. */
    public static String must(String... command) {
        Shell result = run(command);
        if (result.exit != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": exit " + result.exit + ": " + result.err);
        }
        return result.out;
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
