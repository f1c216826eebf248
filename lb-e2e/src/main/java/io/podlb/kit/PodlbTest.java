package io.podlb.kit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a {@link Lab}: one for the class and the classes nested in it, or one for each test. Nested classes
 * with an annotation of their own have a lab of their own.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(PodlbExtension.class)
public @interface PodlbTest {

    /** As {@link LabBuilder#manifests}. */
    String[] manifests() default {};

    /** As {@link LabBuilder#seed}, a whole number; empty: another one each time. */
    String seed() default "";

    /** As {@link LabBuilder#defaultPolicy}. */
    String policy() default "random";

    /** Whether each test has a lab of its own. */
    boolean perMethod() default false;

    /** What becomes of a test that leaves connections open. */
    LeakCheck leaks() default LeakCheck.FAIL;
}
