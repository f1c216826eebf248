package io.podlb.kit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Starts a {@link Lab} for tests and closes it after them; by {@link PodlbTest}, or registered in code:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final PodlbExtension podlb = PodlbExtension.of(Lab.builder().manifests("classpath:shop.yaml"));
 * }</pre>
 *
 * A static field has one lab for the class, an instance field one for each test. Parameters of tests and of their
 * {@code Before} and {@code After} methods can be a {@link Lab} and whatever {@link ServiceAddress} fills in.
 *
 * <p>A test that fails has the seed, the Services and its connections in {@code target/podlb} and on the error stream.
 * Labs are kept in the stores of JUnit, so classes and tests may run in parallel.
 */
public final class PodlbExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {

    private static final String BEGUN = "begun";

    /** Of a test that runs several times, which time it is. */
    private static final Pattern INVOCATION = Pattern.compile("-invocation:#(\\d+)]$");

    private final @Nullable LabBuilder registered;
    private final @Nullable LeakCheck leaks;
    private final List<Lab> running = new CopyOnWriteArrayList<>();

    /** For {@link PodlbTest}, which says what the lab is to be. */
    public PodlbExtension() {
        this(null, null);
    }

    private PodlbExtension(@Nullable LabBuilder registered, @Nullable LeakCheck leaks) {
        this.registered = registered;
        this.leaks = leaks;
    }

    /** One for a field with {@code @RegisterExtension}. */
    public static PodlbExtension of(LabBuilder lab) {
        return new PodlbExtension(lab, LeakCheck.FAIL);
    }

    /** The same with another treatment of tests that leave connections open. */
    public PodlbExtension leaks(LeakCheck treatment) {
        return new PodlbExtension(registered, treatment);
    }

    /**
     * The lab, for fields that several methods use.
     *
     * @throws IllegalStateException if none is running, or several are because tests run in parallel; then have it
     *     injected
     */
    public Lab lab() {
        List<Lab> labs = List.copyOf(running);
        if (labs.size() != 1) {
            throw new IllegalStateException(labs.size() + " labs of this extension are running (expected: one); "
                    + "ask inside of a test, and take a parameter of type Lab where tests run in parallel");
        }
        return labs.get(0);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Wanted wanted = wanted(context);
        if (!wanted.perMethod) {
            start(context, wanted);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Wanted wanted = wanted(context);
        LabOfTests lab = find(context, wanted);
        if (lab == null) {
            lab = start(context, wanted);
        }
        store(context).put(List.of(BEGUN, wanted.key), lab.begin());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Wanted wanted = wanted(context);
        LabOfTests lab = find(context, wanted);
        Duration begun = store(context).get(List.of(BEGUN, wanted.key), Duration.class);
        if (lab == null || begun == null) {
            return; // it could not be started
        }
        lab.end(
                wanted.leaks,
                name(context),
                begun,
                context.getExecutionException().orElse(null));
    }

    private static String name(ExtensionContext context) {
        Matcher invocation = INVOCATION.matcher(context.getUniqueId());
        return context.getRequiredTestClass().getName() + "."
                + context.getRequiredTestMethod().getName()
                + (invocation.find() ? "." + invocation.group(1) : "");
    }

    private LabOfTests start(ExtensionContext context, Wanted wanted) {
        ExtensionContext.Store store = store(context);
        return store.getOrComputeIfAbsent(
                wanted.key,
                key -> new LabOfTests(
                        wanted.builder.start(), running, context.getTestMethod().isEmpty()),
                LabOfTests.class);
    }

    private @Nullable LabOfTests find(ExtensionContext context, Wanted wanted) {
        return store(context).get(wanted.key, LabOfTests.class);
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(ExtensionContext.Namespace.create(PodlbExtension.class));
    }

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD; // the lab of one test is for its constructor too
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Lab.class || parameter.isAnnotated(ServiceAddress.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Wanted wanted = wanted(context);
        LabOfTests lab = find(context, wanted);
        if (lab == null) {
            if (wanted.perMethod && context.getTestMethod().isEmpty()) {
                throw new ParameterResolutionException(context.getDisplayName()
                        + " has a lab for each test; take it in a test or a @BeforeEach method");
            }
            lab = start(context, wanted); // a constructor comes before the callbacks
        }
        Class<?> type = parameter.getParameter().getType();
        return type == Lab.class
                ? lab.lab()
                : Injected.value(
                        lab.lab(),
                        parameter
                                .findAnnotation(ServiceAddress.class)
                                .orElseThrow()
                                .value(),
                        type);
    }

    /** What the lab of a context is to be, and what it is known by in stores. */
    private Wanted wanted(ExtensionContext context) {
        if (registered != null) {
            // An instance field is not told of the class; whatever is in no store yet is started for the test.
            return new Wanted(registered, this, false, leaks == null ? LeakCheck.FAIL : leaks);
        }
        Class<?> type = context.getRequiredTestClass();
        Optional<PodlbTest> found = AnnotationSupport.findAnnotation(type, PodlbTest.class);
        while (found.isEmpty() && type.getEnclosingClass() != null) {
            type = type.getEnclosingClass();
            found = AnnotationSupport.findAnnotation(type, PodlbTest.class);
        }
        Class<?> owner = type;
        return found.map(annotation ->
                        new Wanted(builder(annotation), owner, annotation.perMethod(), annotation.leaks()))
                .orElseThrow(() -> new IllegalStateException(
                        owner + " has no @PodlbTest; register the extension with PodlbExtension.of(..) instead"));
    }

    private static LabBuilder builder(PodlbTest annotation) {
        LabBuilder builder = Lab.builder().manifests(annotation.manifests()).defaultPolicy(annotation.policy());
        if (!annotation.seed().isEmpty()) {
            builder.seed(LabBuilder.seed("seed", annotation.seed()));
        }
        return builder;
    }

    private record Wanted(LabBuilder builder, Object key, boolean perMethod, LeakCheck leaks) {}
}
