package io.podlb.control.source;

import io.podlb.control.cluster.Problem;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Builds plain maps, lists and scalars from one YAML document. It works on the events of the parser with a stack of its
 * own, so nothing in a document makes it recurse; depth, nodes (those that aliases stand for included) and the length
 * of a scalar are bounded. No tag names a class: the JSON types are all there is.
 */
final class YamlTree {

    /** Deeper than any Kubernetes object. */
    static final int MAX_DEPTH = 64;
    /** Aliases of mappings and lists; those of scalars cost nothing. */
    static final int MAX_ALIASES = 50;
    /** Nodes of a document, as far as the heap allows so many. */
    static final int MAX_NODES = (int) Math.min(5_000_000, Runtime.getRuntime().maxMemory() / 200);

    private static final String CORE = "tag:yaml.org,2002:";
    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();

    private final Chunk chunk;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private int nodes;
    private int aliases;
    private @Nullable Object root;

    private YamlTree(Chunk chunk) {
        this.chunk = chunk;
    }

    /** The tree of a document; null for an empty one. */
    static @Nullable Object read(String text, Chunk chunk) throws RefusedException {
        YamlTree tree = new YamlTree(chunk);
        GuardedReader reader = new GuardedReader(text, chunk);
        try {
            for (Event event : new Parse(SETTINGS).parseReader(reader)) {
                reader.event();
                tree.accept(event);
            }
        } catch (MarkedYamlEngineException e) {
            throw new RefusedException(
                    tree.at(e.getProblemMark()) + "is no YAML: " + problemOf(e), "mend the syntax or the indentation");
        } catch (YamlEngineException | UncheckedIOException e) {
            throw e.getCause() instanceof GuardedReader.TooLongException
                    ? new RefusedException(
                            "a value or comment has more than " + (GuardedReader.MAX_SCALAR_CHARS >> 20)
                                    + " Mi characters",
                            "shorten it")
                    : new RefusedException("is no YAML: " + e.getMessage(), "mend the syntax");
        }
        return tree.root;
    }

    private static String problemOf(MarkedYamlEngineException e) {
        String problem = e.getProblem() == null ? String.valueOf(e.getMessage()) : e.getProblem();
        return problem.contains("\\t") || problem.contains("TAB") ? "a tab as indentation" : problem;
    }

    private void accept(Event event) throws RefusedException {
        if (event instanceof ScalarEvent scalar) {
            count(scalar, 1);
            boolean key = !frames.isEmpty() && frames.getLast().expectsKey();
            Object value = key ? scalar.getValue() : typed(scalar);
            scalar.getAnchor().ifPresent(anchor -> anchors.put(anchor, new Anchored(value, 1)));
            add(value, scalar);
        } else if (event instanceof MappingStartEvent start) {
            open(new Frame(new LinkedHashMap<>(), null, start.getAnchor(), nodes), start, start.getTag());
        } else if (event instanceof SequenceStartEvent start) {
            open(new Frame(null, new ArrayList<>(), start.getAnchor(), nodes), start, start.getTag());
        } else if (event instanceof AliasEvent alias) {
            alias(alias);
        } else if (event.getEventId() == Event.ID.MappingEnd || event.getEventId() == Event.ID.SequenceEnd) {
            Frame frame = frames.removeLast();
            Object value = frame.close();
            frame.anchor.ifPresent(anchor -> anchors.put(anchor, new Anchored(value, nodes - frame.nodesBefore)));
            add(value, event);
        }
    }

    private void open(Frame frame, Event event, Optional<String> tag) throws RefusedException {
        count(event, 1);
        if (tag.isPresent() && !tag.get().equals(CORE + (frame.map != null ? "map" : "seq"))) {
            throw refusedTag(tag.get(), event);
        }
        if (frames.size() == MAX_DEPTH) {
            throw refused(event, "is nested deeper than " + MAX_DEPTH + " levels", "flatten it");
        }
        frames.addLast(frame);
    }

    private void alias(AliasEvent event) throws RefusedException {
        Anchor name = event.getAlias();
        for (Frame frame : frames) {
            if (frame.anchor.isPresent() && frame.anchor.get().equals(name)) {
                throw refused(event, "*" + name.getValue() + " stands inside of what it refers to", "write it out");
            }
        }
        Anchored anchored = anchors.get(name);
        if (anchored == null) {
            throw refused(event, "*" + name.getValue() + " refers to no anchor", "define &" + name.getValue());
        }
        if (anchored.nodes > 1 && ++aliases > MAX_ALIASES) {
            throw refused(event, "has more than " + MAX_ALIASES + " aliases", "write the values out");
        }
        count(event, anchored.nodes);
        add(anchored.value, event);
    }

    private void add(@Nullable Object value, Event event) throws RefusedException {
        if (frames.isEmpty()) {
            root = value;
            return;
        }
        Frame frame = frames.getLast();
        if (!frame.expectsKey()) {
            if (!frame.add(value)) {
                throw refused(event, "<< takes a mapping or a list of mappings", "write the fields out");
            }
            return;
        }
        if (!(value instanceof String text)) {
            throw refused(event, Problem.shown(value) + " cannot be the name of a field", "use text");
        }
        String key = keys.computeIfAbsent(text, same -> same);
        if (!frame.key(key)) {
            throw refused(event, "field " + Problem.shown(key) + " is there twice", "remove one of them");
        }
    }

    private @Nullable Object typed(ScalarEvent scalar) throws RefusedException {
        Optional<String> tag = scalar.getTag();
        if (tag.isEmpty()) {
            return scalar.isPlain() ? Scalars.resolve(scalar.getValue()) : scalar.getValue();
        }
        return switch (tag.get()) {
            case "!", CORE + "str" -> scalar.getValue();
            case CORE + "int", CORE + "float", CORE + "bool", CORE + "null" -> Scalars.resolve(scalar.getValue());
            default -> throw refusedTag(tag.get(), scalar);
        };
    }

    private void count(Event event, int more) throws RefusedException {
        nodes += more;
        if (nodes > MAX_NODES) {
            throw refused(event, "has more than " + MAX_NODES + " values", "split it into documents and files");
        }
    }

    private RefusedException refusedTag(String tag, Event event) {
        return refused(event, "tag " + Problem.shown(tag) + " is not allowed", "remove it");
    }

    private RefusedException refused(Event event, String message, String remedy) {
        return new RefusedException(at(event.getStartMark()) + message, remedy);
    }

    private String at(Optional<Mark> mark) {
        return mark.map(m -> "line " + (m.getLine() + chunk.line()) + ", column " + (m.getColumn() + 1) + ": ")
                .orElse("");
    }

    /** What an anchor refers to. */
    private record Anchored(@Nullable Object value, int nodes) {}

    /** A mapping or list under construction; exactly one of the two containers is there. */
    private static final class Frame {

        private final @Nullable Map<String, @Nullable Object> map;
        private final @Nullable List<@Nullable Object> list;
        private final Optional<Anchor> anchor;
        private final int nodesBefore;
        private final List<Map<?, ?>> merged = new ArrayList<>(0);
        private @Nullable String key;

        Frame(
                @Nullable Map<String, @Nullable Object> map,
                @Nullable List<@Nullable Object> list,
                Optional<Anchor> anchor,
                int nodesBefore) {
            this.map = map;
            this.list = list;
            this.anchor = anchor;
            this.nodesBefore = nodesBefore;
        }

        boolean expectsKey() {
            return map != null && key == null;
        }

        /** False for a second one of the same name. */
        boolean key(String name) {
            key = name;
            return map == null || !map.containsKey(name);
        }

        /** False for a merge key with something that cannot be merged. */
        boolean add(@Nullable Object value) {
            if (list != null) {
                list.add(value);
                return true;
            }
            String name = key;
            key = null;
            if (map != null && name != null && !name.equals("<<")) {
                map.put(name, value);
                return true;
            }
            List<?> sources = value instanceof List<?> several ? several : Collections.singletonList(value);
            for (Object source : sources) {
                if (!(source instanceof Map<?, ?> mapping)) {
                    return false;
                }
                merged.add(mapping);
            }
            return true;
        }

        /** What stands in the mapping itself wins over what is merged into it, and the first source over the later. */
        Object close() {
            if (map == null) {
                return list == null ? List.of() : list;
            }
            for (Map<?, ?> source : merged) {
                source.forEach((name, value) -> map.putIfAbsent((String) name, value));
            }
            return map;
        }
    }
}
