package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every look is made by the test, so nothing depends on how fast it runs. */
class WatchedPathsTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-05-04T13:37:42Z"), ZoneOffset.UTC);

    @TempDir
    Path root;

    private Path folder;
    private Path web;
    private long writes;

    @BeforeEach
    void begin() throws IOException {
        folder = Files.createDirectory(root.resolve("manifests"));
        web = folder.resolve("web.yaml");
        write(web, service("web"));
    }

    @Test
    void nothingChangesWithoutAChange() throws IOException {
        WatchedPaths paths = watch(folder);
        assertThat(looks(paths, 3)).isEmpty();
        touch(web);
        assertThat(looks(paths, 3)).isEmpty();
    }

    @Test
    void anEditIsTakenOnceTheFileIsTheSameAtTwoLooks() throws IOException {
        WatchedPaths paths = watch(folder);
        write(web, service("web") + "---\n");
        assertThat(looks(paths, 1)).isEmpty();
        write(web, service("web") + "---\n" + service("shop").substring(0, 20));
        assertThat(looks(paths, 1)).isEmpty();
        write(web, service("web") + "---\n" + service("shop"));
        assertThat(looks(paths, 1)).isEmpty();
        assertThat(names(looks(paths, 1))).containsExactly("web shop");
    }

    @Test
    void aFileRenamedOverAnotherIsAnEdit() throws IOException {
        WatchedPaths paths = watch(web);
        Path fresh = write(folder.resolve("fresh"), service("shop"));
        // The same size and time: only the file is another one.
        Files.setLastModifiedTime(fresh, Files.getLastModifiedTime(web));
        Files.move(fresh, web, StandardCopyOption.REPLACE_EXISTING);
        assertThat(names(looks(paths, 2))).containsExactly("shop");
    }

    @Test
    void aBrokenFileKeepsItsLastGoodStateAsAWhole() throws IOException {
        write(web, service("web") + "---\n" + service("shop"));
        WatchedPaths paths = watch(folder);
        write(web, service("web2") + "---\nkind: [\n");
        List<Loaded> broken = looks(paths, 3);
        assertThat(names(broken)).containsExactly("web shop");
        assertThat(broken.get(0).problems())
                .extracting(problem -> problem.severity() + " " + problem.message())
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("ERROR line").contains("is no YAML"),
                        second -> assertThat(second).isEqualTo("WARNING what was read at 13:37:42 stays in use"));
        write(web, service("web2"));
        List<Loaded> mended = looks(paths, 3);
        assertThat(names(mended)).containsExactly("web2");
        assertThat(mended.get(0).problems()).isEmpty();
    }

    @Test
    void aFileThatWasBrokenFromTheStartIsTakenOnceItIsMended() throws IOException {
        write(web, "kind: [");
        WatchedPaths paths = watch(folder);
        write(web, service("web") + "---\nkind: [\n");
        assertThat(names(looks(paths, 2))).containsExactly("web");
        write(web, service("web") + "---\n" + service("shop"));
        assertThat(names(looks(paths, 2))).containsExactly("web shop");
    }

    @Test
    void aTruncatedFileKeepsItsObjectsUntilItIsFilled() throws IOException {
        for (Path named : List.of(web, folder)) {
            write(web, service("web"));
            WatchedPaths paths = watch(named);
            write(web, "");
            List<Loaded> empty = looks(paths, 5);
            assertThat(names(empty)).containsExactly("web");
            assertThat(empty.get(0).problems())
                    .extracting(Problem::message)
                    .first()
                    .isEqualTo("is empty");
            write(web, service("shop"));
            assertThat(names(looks(paths, 2))).containsExactly("shop");
        }
    }

    @Test
    void aFileThatVanishesFromAFolderTakesItsObjectsAlong() throws IOException {
        Path shop = write(folder.resolve("shop.yaml"), service("shop"));
        WatchedPaths paths = watch(folder);
        Files.delete(shop);
        assertThat(looks(paths, 1)).isEmpty();
        List<Loaded> gone = looks(paths, 1);
        assertThat(names(gone)).containsExactly("web");
        assertThat(gone.get(0).problems()).isEmpty();
    }

    @Test
    void aFileThatIsBackAtTheNextLookWasNeverGone() throws IOException {
        WatchedPaths paths = watch(folder);
        Path aside = Files.move(web, root.resolve("aside"));
        assertThat(looks(paths, 1)).isEmpty();
        Files.move(aside, web);
        assertThat(looks(paths, 3)).isEmpty();
    }

    @Test
    void aNamedFileThatVanishesKeepsItsObjects() throws IOException {
        WatchedPaths paths = watch(web);
        Files.delete(web);
        List<Loaded> gone = looks(paths, 5);
        assertThat(names(gone)).containsExactly("web");
        assertThat(gone.get(0).fileErrors()).extracting(Problem::message).containsExactly("no such file or folder");
        write(web, service("shop"));
        List<Loaded> back = looks(paths, 5);
        assertThat(names(back)).containsExactly("shop");
        assertThat(back.get(0).problems()).isEmpty();
    }

    @Test
    void aNamedFileThatComesLaterIsTaken() throws IOException {
        Files.delete(web);
        WatchedPaths paths = watch(web);
        write(web, service("web"));
        assertThat(names(looks(paths, 2))).containsExactly("web");
    }

    @Test
    void aFolderThatVanishesTakesNothingAlong() throws IOException {
        WatchedPaths paths = watch(folder);
        Path aside = Files.move(folder, root.resolve("aside"));
        List<Loaded> gone = looks(paths, 5);
        assertThat(names(gone)).containsExactly("web");
        assertThat(gone.get(0).fileErrors()).hasSize(1);
        Files.move(aside, folder);
        List<Loaded> back = looks(paths, 5);
        assertThat(names(back)).containsExactly("web");
        assertThat(back.get(0).problems()).isEmpty();
    }

    @Test
    void aNewFileIsTaken() throws IOException {
        WatchedPaths paths = watch(folder);
        write(folder.resolve("shop.yaml"), service("shop"));
        assertThat(names(looks(paths, 2))).containsExactly("shop web");
    }

    @Test
    void aMountedConfigMapIsFollowedThroughItsLinks() throws IOException {
        Files.delete(web);
        write(Files.createDirectory(folder.resolve("..1")).resolve("web.yaml"), service("web"));
        write(Files.createDirectory(folder.resolve("..2")).resolve("web.yaml"), service("shop"));
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(web, Path.of("..data/web.yaml"));
        WatchedPaths paths = watch(folder);
        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
        Files.move(next, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        assertThat(names(looks(paths, 2))).containsExactly("shop");
    }

    @Test
    void aDuplicateInAnotherFileIsServedOnceTheFirstIsGone() throws IOException {
        Path again = write(folder.resolve("zz.yaml"), service("web"));
        WatchedPaths paths = watch(folder);
        Files.delete(web);
        List<Loaded> gone = looks(paths, 2);
        assertThat(names(gone)).containsExactly("web");
        assertThat(gone.get(0).problems()).isEmpty();
        assertThat(gone.get(0).state().services().get(0).origin().file()).isEqualTo(again.toString());
    }

    private static WatchedPaths watch(Path path) {
        WatchedPaths paths = new WatchedPaths(List.of(path), CLOCK);
        paths.load();
        return paths;
    }

    private static List<Loaded> looks(WatchedPaths paths, int count) {
        List<Loaded> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Loaded changed = paths.look();
            if (changed != null) {
                changes.add(changed);
            }
        }
        return changes;
    }

    private static List<String> names(List<Loaded> changes) {
        return changes.stream()
                .map(loaded -> String.join(
                        " ",
                        loaded.state().services().stream()
                                .map(Sourced::object)
                                .map(service -> service.getMetadata().getName())
                                .toList()))
                .toList();
    }

    private Path write(Path file, String text) throws IOException {
        Files.writeString(
                file, text, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        return touch(file);
    }

    /** A time of its own for every write, whatever the resolution of the file system. */
    private Path touch(Path file) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.from(CLOCK.instant().plusSeconds(++writes)));
    }

    private static String service(String name) {
        return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: {ports: [{port: 80}]}\n";
    }
}
