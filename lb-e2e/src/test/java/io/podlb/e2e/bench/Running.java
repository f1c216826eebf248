package io.podlb.e2e.bench;

import io.podlb.e2e.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process on some cores, its output in a file. Closing it ends it. */
record Running(Process process, Path log) implements AutoCloseable {

    static Running start(String cores, List<String> prefix, List<String> command, Path log) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(pinned(cores, command)); // both prefixes replace themselves by the command: the pid is its own
        try {
            Process process = new ProcessBuilder(all)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new Running(process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With cores as taskset takes them. */
    static List<String> pinned(String cores, List<String> command) {
        List<String> all = new ArrayList<>(List.of("taskset", "-c", cores));
        all.addAll(command);
        return all;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it and waits that many seconds for it before it is killed. */
    void end(int seconds) {
        if (process.isAlive()) {
            Shell.run("kill", "-CONT", Long.toString(process.pid())); // a frozen one would not see its end
        }
        process.destroy();
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end(2);
    }
}
