"""Would the tests that a tool writes on a release have caught the bug that this release mended?"""
